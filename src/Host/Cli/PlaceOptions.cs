using System.CommandLine;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>
/// The options for directories and addresses; each is also a configuration key and an environment variable. A command has those that it
/// reads.
/// </summary>
internal sealed class PlaceOptions
{
    private readonly Option<string?> _urls = new("--urls") { Description = $"Addresses of the webhooks, separated by semicolons [default: {SluiceOptions.DefaultUrls}]", HelpName = "URLS" };

    private readonly Option<string?> _adminUrls = new("--admin-urls") { Description = $"Addresses of the admin API, separated by semicolons [default: {AdminOptions.DefaultUrls}]", HelpName = "URLS" };

    private readonly Option<string?> _workflows = new("--workflows") { Description = "Directory of workflow files, which is watched for changes [default: workflows]", HelpName = "DIR" };

    private readonly Option<string?> _data = new("--data") { Description = "Directory of the journal [default: data]", HelpName = "DIR" };

    /// <summary>The plugins directory.</summary>
    public Option<string?> Plugins { get; } = new("--plugins") { Description = "Directory of plugin folders [default: plugins, beside the program]", HelpName = "DIR" };

    private readonly Option<bool> _acceptLoss = new("--accept-loss") { Description = "Start once although the journal lost runs" };

    /// <summary>All options, for commands that run the host.</summary>
    public void AddAllTo(Command command)
    {
        command.Add(_urls);
        command.Add(_adminUrls);
        command.Add(Plugins);
        command.Add(_workflows);
        command.Add(_data);
        command.Add(_acceptLoss);
    }

    /// <summary>Gets the given options, by configuration key.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Overrides(ParseResult parsed)
    {
        KeyValuePair<string, string?>[] all =
        [
            new("Urls", parsed.GetValue(_urls)),
            new("Admin:Urls", parsed.GetValue(_adminUrls)),
            new("Plugins:Directory", parsed.GetValue(Plugins)),
            new("Workflows:Directory", parsed.GetValue(_workflows)),
            new("Data:Directory", parsed.GetValue(_data)),
            new("Data:AcceptLoss", parsed.GetValue(_acceptLoss) ? "true" : null),
        ];
        return [.. all.Where(pair => pair.Value is not null)];
    }
}
