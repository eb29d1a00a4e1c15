using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Configuration;

/// <summary>Reads the options from <c>appsettings.json</c>, the environment and the command line, in that order; says all that is wrong with them.</summary>
internal static partial class HostConfiguration
{
    /// <summary>The variable that the source product reads the deadline from.</summary>
    public const string DeadlineVariable = "OPS_WEBHOOK_TIMEOUT_SECONDS";

    // Below it an empty journal with its workflows would be too large already.
    private const long LeastJournalBytes = 16 * 1024 * 1024;

    /// <param name="builder">Where the host's own configuration is put together.</param>
    /// <param name="overrides">What the command line gave, by key.</param>
    /// <exception cref="ConfigurationException">A key is not known; the message says which, and which was meant.</exception>
    public static void AddSources(IConfigurationBuilder builder, IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        KeyValuePair<string, string?>[] given = [.. overrides];
        RefuseUnknownKeys(builder, given);
        builder.AddEnvironmentVariables("SLUICE__");
        if (Environment.GetEnvironmentVariable(DeadlineVariable) is { Length: > 0 } seconds)
        {
            builder.AddInMemoryCollection([new("Webhooks:TimeoutSeconds", seconds)]);
        }

        builder.AddInMemoryCollection(given);
    }

    /// <summary>The options as a command without a host has them.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; the message says all of it.</exception>
    public static SluiceOptions ReadAlone(IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        var builder = new ConfigurationBuilder();
        builder.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        AddSources(builder, overrides);
        return Read(builder.Build());
    }

    /// <exception cref="ConfigurationException">Something is wrong; the message says all of it.</exception>
    public static SluiceOptions Read(IConfiguration configuration)
    {
        SluiceOptions options;
        try
        {
            options = configuration.Get<SluiceOptions>() ?? new SluiceOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new ConfigurationException($"The configuration can't be read: {exception.Message} {exception.InnerException?.Message}", exception);
        }

        // An empty variable in a deployment's file means "none", and must not become a key that everybody has.
        options = string.IsNullOrWhiteSpace(options.Admin.ApiKey) ? options with { Admin = options.Admin with { ApiKey = null } } : options;
        Refuse(Wrong(options));
        return WithDirectories(options);
    }

    // What libraries add to the configuration, the whole environment among it, is not the host's to judge.
    private static void RefuseUnknownKeys(IConfigurationBuilder builder, IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        var files = builder.Build().Providers.OfType<FileConfigurationProvider>()
            .SelectMany(file => ConfigurationKeys.WrongKeys(SettingsOf(file, null), file.Source.Path ?? "a file"));
        Refuse(files
            .Concat(ConfigurationKeys.WrongVariables(Environment.GetEnvironmentVariables()))
            .Concat(ConfigurationKeys.WrongKeys(overrides, "the command line")));
    }

    private static IEnumerable<KeyValuePair<string, string?>> SettingsOf(IConfigurationProvider provider, string? parent)
    {
        foreach (var name in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = parent is null ? name : $"{parent}:{name}";
            var inner = SettingsOf(provider, key).ToArray();
            foreach (var setting in inner.Length > 0 ? inner : [new(key, provider.TryGet(key, out var value) ? value : null)])
            {
                yield return setting;
            }
        }
    }

    private static void Refuse(IEnumerable<string> wrong)
    {
        string[] lines = [.. wrong];
        if (lines.Length > 0)
        {
            throw new ConfigurationException($"The configuration is wrong:{Environment.NewLine}{string.Join(Environment.NewLine, lines.Select(line => $"  {line}"))}");
        }
    }

    private static IEnumerable<string> Wrong(SluiceOptions options)
    {
        if (options.Webhooks.TimeoutSeconds is not (> 0 and <= 3600))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Webhooks:TimeoutSeconds ({DeadlineVariable}) is {options.Webhooks.TimeoutSeconds}; it must be above 0 and at most 3600.");
        }

        if (options.Webhooks.MaxBodyBytes is < 1 or > 1_000_000_000)
        {
            yield return $"Webhooks:MaxBodyBytes is {options.Webhooks.MaxBodyBytes}; it must be from 1 to 1000000000.";
        }

        if (options.Webhooks.MaxBodyMemoryBytes < options.Webhooks.MaxBodyBytes)
        {
            yield return $"Webhooks:MaxBodyMemoryBytes is {options.Webhooks.MaxBodyMemoryBytes}; it must be at least Webhooks:MaxBodyBytes, {options.Webhooks.MaxBodyBytes}, or no such body could ever come in.";
        }

        if (options.Webhooks.MaxConnections is < 16)
        {
            yield return $"Webhooks:MaxConnections is {options.Webhooks.MaxConnections}; it must be at least 16.";
        }

        if (options.Webhooks.MaxBodyValues is < 1 or > 100_000_000)
        {
            yield return $"Webhooks:MaxBodyValues is {options.Webhooks.MaxBodyValues}; it must be from 1 to 100000000.";
        }

        if (options.Webhooks.MaxFormFields is < 1 or > 1_000_000)
        {
            yield return $"Webhooks:MaxFormFields is {options.Webhooks.MaxFormFields}; it must be from 1 to 1000000.";
        }

        if (options.Webhooks.MaxReplyBytes is < 1 or > 1_000_000_000)
        {
            yield return $"Webhooks:MaxReplyBytes is {options.Webhooks.MaxReplyBytes}; it must be from 1 to 1000000000.";
        }

        if (options.Runs.MaxOutputBytes is < 1024 or > 1_000_000_000)
        {
            yield return $"Runs:MaxOutputBytes is {options.Runs.MaxOutputBytes}; it must be from 1024 to 1000000000.";
        }

        if (options.Runs.MaxQueued < 0)
        {
            yield return $"Runs:MaxQueued is {options.Runs.MaxQueued}; it must be at least 0.";
        }

        foreach (var network in options.Webhooks.TrustedProxies.Where(network => !NetworkReader.TryParse(network, out _)))
        {
            yield return $"Webhooks:TrustedProxies holds \"{network}\", which is no network; write it as 10.1.0.0/16, or as one address.";
        }

        if (options.Webhooks.ForwardedHeader.ToUpperInvariant() is not ("X-FORWARDED-FOR" or "FORWARDED"))
        {
            yield return $"Webhooks:ForwardedHeader is \"{options.Webhooks.ForwardedHeader}\"; it must be X-Forwarded-For or Forwarded.";
        }

        if (options.Webhooks.PublicUrl is { Length: > 0 } publicUrl && !PublicUrl.TryParse(publicUrl, out _))
        {
            yield return $"Webhooks:PublicUrl is \"{publicUrl}\", which is no {PublicUrl.Form}.";
        }

        if (options.Refusals.Max is < 1 or > 1_000_000)
        {
            yield return $"Refusals:Max is {options.Refusals.Max}; it must be from 1 to 1000000.";
        }

        if (options.Refusals.Days is < 1 or > 3650)
        {
            yield return $"Refusals:Days is {options.Refusals.Days}; it must be from 1 to 3650.";
        }

        if (options.Webhooks.MaxUploadBytes is < 1 or > 2_000_000_000)
        {
            yield return $"Webhooks:MaxUploadBytes is {options.Webhooks.MaxUploadBytes}; it must be from 1 to 2000000000.";
        }

        if (options.Webhooks.MaxFileBytes is < 1 or > 2_000_000_000)
        {
            yield return $"Webhooks:MaxFileBytes is {options.Webhooks.MaxFileBytes}; it must be from 1 to 2000000000.";
        }

        if (options.Webhooks.MaxParts is < 1 or > 100_000)
        {
            yield return $"Webhooks:MaxParts is {options.Webhooks.MaxParts}; it must be from 1 to 100000.";
        }

        if (options.Retention.Days is < 0 or > 3650)
        {
            yield return $"Retention:Days is {options.Retention.Days}; it must be from 0 (for ever) to 3650.";
        }

        if (options.Retention.MaxRuns < 0)
        {
            yield return $"Retention:MaxRuns is {options.Retention.MaxRuns}; it must be at least 0 (no bound).";
        }

        if (options.Retention.MaxBytes is not (null or 0 or >= LeastJournalBytes))
        {
            yield return $"Retention:MaxBytes is {options.Retention.MaxBytes}; it must be 0 (no bound) or at least {LeastJournalBytes}.";
        }

        if (options.Blobs.MaxBytes < 1)
        {
            yield return $"Blobs:MaxBytes is {options.Blobs.MaxBytes}; it must be at least 1.";
        }

        if (options.Retention.MaxVersions < 1)
        {
            yield return $"Retention:MaxVersions is {options.Retention.MaxVersions}; it must be at least 1.";
        }

        if (options.Blobs.RetentionHours is not (>= 0 and <= 87_600))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Blobs:RetentionHours is {options.Blobs.RetentionHours}; it must be from 0 to 87600.");
        }

        if (options.Webhooks.RepeatRetentionHours is not (> 0 and <= 8760))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Webhooks:RepeatRetentionHours is {options.Webhooks.RepeatRetentionHours}; it must be above 0 and at most 8760.");
        }

        if (options.Runs.Max < 1)
        {
            yield return $"Runs:Max is {options.Runs.Max}; it must be at least 1.";
        }

        if (options.Runs.StepTimeoutSeconds is < 1 or > 86_400)
        {
            yield return $"Runs:StepTimeoutSeconds is {options.Runs.StepTimeoutSeconds}; it must be from 1 to 86400.";
        }

        foreach (var signer in options.Plugins.AllowedSigners.Where(signer => !Fingerprint.IsMatch(signer)))
        {
            yield return $"Plugins:AllowedSigners holds \"{signer}\", which is no SHA-256 fingerprint of a certificate: 64 hexadecimal digits.";
        }

        if (options.Plugins.MaxUnpackedBytes < 1)
        {
            yield return $"Plugins:MaxUnpackedBytes is {options.Plugins.MaxUnpackedBytes}; it must be at least 1.";
        }

        if (options.Plugins.LoadTimeoutSeconds is not (>= 0.1 and <= 3600))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Plugins:LoadTimeoutSeconds is {options.Plugins.LoadTimeoutSeconds}; it must be from 0.1 to 3600.");
        }

        if (options.Plugins.RemovalGraceSeconds is not (>= 0 and <= 60))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Plugins:RemovalGraceSeconds is {options.Plugins.RemovalGraceSeconds}; it must be from 0 to 60.");
        }

        foreach (var wrong in IsolationConfiguration.Wrong(options.Plugins))
        {
            yield return wrong;
        }

        foreach (var network in options.Http.Allow.Where(network => !AddressText.TryParseNetwork(network, out _)))
        {
            yield return $"Http:Allow holds \"{network}\", which is no network; write it as 10.1.0.0/16.";
        }

        foreach (var wrong in ListenAddresses.Wrong(options))
        {
            yield return wrong;
        }
    }

    [GeneratedRegex(@"^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}\z")]
    private static partial Regex Fingerprint { get; }

    private static SluiceOptions WithDirectories(SluiceOptions options) => options with
    {
        Plugins = options.Plugins with { Directory = Path.GetFullPath(options.Plugins.Directory ?? Path.Combine(AppContext.BaseDirectory, "plugins")) },
        Workflows = Absolute(options.Workflows, "workflows"),
        Data = options.Data with { Directory = Path.GetFullPath(options.Data.Directory ?? "data") },
    };

    private static DirectoryOptions Absolute(DirectoryOptions given, string otherwise) => new() { Directory = Path.GetFullPath(given.Directory ?? otherwise) };
}

/// <summary>The configuration can't be used; the message says where and how to mend it.</summary>
internal sealed class ConfigurationException(string message, Exception? cause = null) : Exception(message, cause);
