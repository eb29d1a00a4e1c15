using System.CommandLine;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>The options that select the running host a command connects to, and its API key.</summary>
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

    /// <summary>The API key.</summary>
    public Option<string?> Key { get; } = new("--api-key") { Description = $"API key of the admin API [default: {KeyVariable}]", HelpName = "KEY" };

    /// <summary>Adds both options to a command.</summary>
    public HostConnection AddTo(Command command)
    {
        command.Add(Url);
        command.Add(Key);
        return this;
    }

    /// <summary>Connects to the host that the command line or the environment names.</summary>
    /// <exception cref="CommandException">The environment names only Unix sockets.</exception>
    public AdminClient Open(ParseResult parsed) => Open(parsed, parsed.GetValue(Url) ?? DefaultUrl(Variable(UrlsVariable) ?? AdminOptions.DefaultUrls));

    /// <summary>Connects to a given host.</summary>
    public AdminClient Open(ParseResult parsed, string url) => new(url, parsed.GetValue(Key) ?? Variable(KeyVariable));

    private static string DefaultUrl(string urls) => urls.Split(';').Select(url => ReachableAddress.Of(url, "127.0.0.1")).FirstOrDefault(url => url is not null)
        ?? throw new CommandException($"{UrlsVariable} is {urls}. Commands cannot connect to a Unix socket: add http://127.0.0.1:5181 to it, or name the admin API with --url.");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
