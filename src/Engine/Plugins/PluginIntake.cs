using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>Loads the content of folders. A failure is the result of that attempt, and does not affect the others.</summary>
internal sealed class PluginIntake(PluginRoster roster, PluginInstaller installer, LoadDeadlines deadlines, ILogger logger)
{
    /// <summary>The rule that a node type belongs to one plugin.</summary>
    public const string TypeTaken = "type-taken";

    // More than there are processors, because a plugin that waits for its deadline must not delay the others; few enough that the others
    // meet theirs.
    private const int MostAtOnce = 8;

    /// <param name="paths">The folders.</param>
    /// <param name="isTried">Whether to try the nodes of known content as well.</param>
    /// <param name="cancellationToken">Cancels the attempts; plugin code that still runs is written off.</param>
    public async Task<PluginAttempt[]> AttemptAllAsync(IReadOnlyList<string> paths, bool isTried, CancellationToken cancellationToken)
    {
        var attempts = new PluginAttempt[paths.Count];
        var all = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(MostAtOnce, Environment.ProcessorCount), CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, paths.Count, all, async (index, cancellation) => attempts[index] = await AttemptAsync(paths[index], isTried, cancellation));
        return attempts;
    }

    private async Task<PluginAttempt> AttemptAsync(string path, bool isTried, CancellationToken cancellationToken)
    {
        using var deadline = deadlines.Begin(cancellationToken);
        var attempt = await AttemptAsync(path, isTried, deadline);
        return attempt with { Identity = attempt.Version?.Identity ?? deadline.Plugin, WrittenOff = deadline.WrittenOff, Trace = deadline.Trace };
    }

    private async Task<PluginAttempt> AttemptAsync(string path, bool isTried, LoadDeadline deadline)
    {
        string? hash = null;
        try
        {
            hash = await deadline.RunAsync("Reading the files of the folder", "Check its file system.", () => FolderContent.Hash(path));
            return IsKnown(Path.GetFileName(path), hash)
                ? new PluginAttempt(path, hash) { IsKnown = true }
                : new PluginAttempt(path, hash) { Version = await installer.InstallAsync(path, hash, deadline, isTried) };
        }
        catch (PluginRejectedException rejection)
        {
            return new PluginAttempt(path, hash) { Rejections = rejection.Rejections };
        }
        catch (IrregularFileException irregular)
        {
            return new PluginAttempt(path, hash) { Rejections = [new Rejection(FolderRules.NotAFile, irregular.Message)] };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var fault = PluginFault.Of(exception);
            logger.LogError("Loading the plugin {Plugin} failed: {Details}", Path.GetFileName(path), fault.Details);
            return new PluginAttempt(path, hash) { Rejections = [new Rejection("unexpected", $"Loading it failed: {fault}. The log has the details.")] };
        }
    }

    private bool IsKnown(string folder, string hash)
    {
        var (active, rejected) = roster.In(folder);
        return active?.Hash == hash || (rejected?.Hash == hash && !rejected.Rejections.Any(rejection => rejection.IsOfMoment || rejection.Rule == TypeTaken));
    }
}
