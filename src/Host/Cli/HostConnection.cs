using System.CommandLine;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>The options that say which running host a command talks to, and how it is let in.</summary>
internal sealed class HostConnection
{
    private const string UrlsVariable = "SLUICE__ADMIN__URLS";
    private const string KeyVariable = "SLUICE__ADMIN__APIKEY";

    /// <summary>The address of the admin API.</summary>
    public Option<string?> Url { get; } = new("--url")
    {
        Description = $"Admin API of the running host [default: first address in {UrlsVariable}, or {AdminOptions.DefaultUrls}]",
        HelpName = "URL",
    };

    /// <summary>The key.</summary>
    public Option<string?> Key { get; } = new("--api-key") { Description = $"API key of the admin API [default: {KeyVariable}]", HelpName = "KEY" };

    /// <summary>Gives a command both options.</summary>
    public HostConnection AddTo(Command command)
    {
        command.Add(Url);
        command.Add(Key);
        return this;
    }

    /// <summary>Connects to the host that the command line or the environment names.</summary>
    public AdminClient Open(ParseResult parsed) => Open(parsed, parsed.GetValue(Url) ?? Variable(UrlsVariable)?.Split(';')[0] ?? AdminOptions.DefaultUrls);

    /// <summary>Connects to a given host.</summary>
    public AdminClient Open(ParseResult parsed, string url) => new(url, parsed.GetValue(Key) ?? Variable(KeyVariable));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
