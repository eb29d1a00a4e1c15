using System.Globalization;
using Sluice.Host.Configuration;

namespace Sluice.Host.Listening;

/// <summary>
/// Divides the files that the process may open (RLIMIT_NOFILE; the runtime raises it to the hard limit at start) between connections and all else: a host
/// without a free one can't write its journal.
/// </summary>
/// <param name="Webhooks">The most connections of the public listener.</param>
/// <param name="Admin">The most connections of the admin listener, on top of these.</param>
internal sealed record FileLimit(int Webhooks, int Admin)
{
    /// <summary>With fewer files the host does not start.</summary>
    public const int Least = 512;

    /// <summary>The most connections of the public listener unless <c>Webhooks:MaxConnections</c> says otherwise: as many as active runs.</summary>
    private const int DefaultWebhooks = 10_000;

    private const int MostAdmin = 100;

    /// <summary>The connections of the public listener that may be open beyond its bound while they are closed.</summary>
    public const int WebhookSlack = 64;

    /// <summary>The same of the admin listener.</summary>
    public const int AdminSlack = 16;

    /// <summary>The refused connections of one listening address that are open for a moment.</summary>
    public const int MostRejected = 16;

    // An idle host has some 290 files open, most of them assemblies. The rest is for plugins being loaded and their processes, and for connections being closed.
    private const int Reserve = 320 + WebhookSlack + AdminSlack + (2 * MostRejected);

    /// <param name="asked">The configured bound; null for none.</param>
    /// <param name="files">How many files the process may open; null if nothing bounds them.</param>
    /// <exception cref="ConfigurationException">The process may open too few files for that.</exception>
    public static FileLimit Of(int? asked, long? files)
    {
        if (files is not { } most)
        {
            return new FileLimit(asked ?? DefaultWebhooks, MostAdmin);
        }

        if (most < Least)
        {
            throw new ConfigurationException($"The host may open {most} files and needs {Least}. Raise the limit (ulimit -n, LimitNOFILE).");
        }

        var admin = (int)Math.Min(MostAdmin, most / 32);
        // Each request may open a file beside its connection: a large body on the disk, a call to elsewhere.
        var possible = (int)Math.Min(int.MaxValue, (most - Reserve - admin) / 2);
        return asked <= possible || asked is null
            ? new FileLimit(asked ?? Math.Min(DefaultWebhooks, possible), admin)
            : throw new ConfigurationException(
                $"Webhooks:MaxConnections is {asked}, and the host may open {most} files, which is enough for {possible}. Lower it, or raise the limit (ulimit -n, LimitNOFILE).");
    }

    /// <summary>How many files this process may open; null where the system does not say, or has no bound.</summary>
    public static long? OfThisProcess()
    {
        const string limits = "/proc/self/limits";
        const string name = "Max open files";
        var line = File.Exists(limits) ? File.ReadLines(limits).FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line.AsSpan(name.Length).TrimStart().ToString().Split(' ')[0], CultureInfo.InvariantCulture, out var soft) ? soft : null;
    }
}
