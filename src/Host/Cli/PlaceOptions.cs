using System.CommandLine;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>The options that say where things are; each is a configuration key and an environment variable too. A command has those that it reads.</summary>
internal sealed class PlaceOptions
{
    private readonly Option<string?> _urls = new("--urls") { Description = $"The addresses of the webhooks, separated by semicolons [default: {SluiceOptions.DefaultUrls}]" };

    private readonly Option<string?> _adminUrls = new("--admin-urls") { Description = $"The addresses of the admin API, separated by semicolons [default: {AdminOptions.DefaultUrls}]" };

    private readonly Option<string?> _workflows = new("--workflows") { Description = "The directory of workflow files, watched [default: workflows]" };

    private readonly Option<string?> _data = new("--data") { Description = "The directory of the journal [default: data]" };

    /// <summary>Where the plugins are.</summary>
    public Option<string?> Plugins { get; } = new("--plugins") { Description = "The directory of plugin folders [default: plugins beside the program]" };

    private readonly Option<bool> _acceptLoss = new("--accept-loss") { Description = "Start with what is there although runs of the journal are lost" };

    /// <summary>All of them, for what runs the host.</summary>
    public void AddAllTo(Command command)
    {
        command.Add(_urls);
        command.Add(_adminUrls);
        command.Add(Plugins);
        command.Add(_workflows);
        command.Add(_data);
        command.Add(_acceptLoss);
    }

    /// <summary>What was given, by configuration key.</summary>
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
