using Sluice.Engine.Embedding;

namespace Sluice.Host.Configuration;

/// <summary>
/// Reads the options from <c>appsettings.json</c>, the environment and the command line, in that order, and reports all problems at once.
/// </summary>
internal static class HostConfiguration
{
    /// <summary>The variable that sets the deadline in the source product.</summary>
    public const string DeadlineVariable = "OPS_WEBHOOK_TIMEOUT_SECONDS";

    /// <param name="builder">The builder of the host's configuration.</param>
    /// <param name="overrides">The options of the command line, by key.</param>
    /// <exception cref="ConfigurationException">A key is unknown; the message suggests the closest known one.</exception>
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

    /// <summary>Reads the options for a command that runs no host.</summary>
    /// <exception cref="ConfigurationException">The configuration is invalid; the message lists all problems.</exception>
    public static SluiceOptions ReadAlone(IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        var builder = new ConfigurationBuilder();
        builder.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        AddSources(builder, overrides);
        return Read(builder.Build());
    }

    /// <exception cref="ConfigurationException">The configuration is invalid; the message lists all problems.</exception>
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

        // An empty variable in a deployment file means "none"; it must not become a key that everybody knows.
        options = string.IsNullOrWhiteSpace(options.Admin.ApiKey) ? options with { Admin = options.Admin with { ApiKey = null } } : options;
        Refuse(SettingCheck.Check(options));
        return WithDirectories(options);
    }

    // Do not check what libraries add to the configuration, such as the whole environment.
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

    private static SluiceOptions WithDirectories(SluiceOptions options) => options with
    {
        Plugins = options.Plugins with { Directory = Path.GetFullPath(options.Plugins.Directory ?? Path.Combine(AppContext.BaseDirectory, "plugins")) },
        Workflows = new WorkflowOptions { Directory = Path.GetFullPath(options.Workflows.Directory ?? "workflows") },
        Data = options.Data with { Directory = Path.GetFullPath(options.Data.Directory ?? "data") },
    };
}

/// <summary>The configuration is invalid; the message says where and how to fix it.</summary>
internal sealed class ConfigurationException(string message, Exception? cause = null) : Exception(message, cause);
