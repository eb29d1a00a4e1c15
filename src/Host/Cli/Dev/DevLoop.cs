using System.Globalization;
using System.Text;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Verification;
using Sluice.Engine.Publishing;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli.Dev;

/// <summary>The author's inner loop: build, swap, send the request, print the reply and the steps, wait for the next save.</summary>
/// <remarks>Prints errors in the code, the plugin, the workflow or the request, and waits for the next save.</remarks>
/// <param name="services">The engine and the ingress.</param>
/// <param name="build">Builds the plugin into a folder; returns the compiler's errors if it fails, otherwise null.</param>
/// <param name="folder">The output folder of the build; its name is the plugin's.</param>
/// <param name="installed">The directory of the installed plugins.</param>
/// <param name="workflowFile">The workflow, read again each time.</param>
/// <param name="requestFile">The request, read again each time.</param>
/// <param name="time">The clock.</param>
/// <param name="output">The terminal.</param>
internal sealed class DevLoop(
    IServiceProvider services,
    Func<string, CancellationToken, Task<string?>> build,
    string folder,
    string installed,
    string workflowFile,
    string requestFile,
    TimeProvider time,
    TextWriter output)
{
    private readonly string _name = Path.GetFileName(folder);
    private readonly PluginHost _plugins = services.GetRequiredService<PluginHost>();
    private readonly WorkflowRegistry _workflows = services.GetRequiredService<WorkflowRegistry>();

    /// <param name="nextChange">Completes at the next save.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> nextChange, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await TurnAsync(cancellationToken);
            }
            catch (CommandException wrong)
            {
                output.WriteLine(wrong.Message);
            }

            output.WriteLine("Waiting for a change. Press Ctrl+C to end.");
            await nextChange(cancellationToken);
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (await build(folder, cancellationToken) is { } failure)
        {
            throw new CommandException($"The build failed, so the plugin was not swapped:{Environment.NewLine}{failure}");
        }

        await _plugins.ApplyAsync([folder], FindOthers(), cancellationToken);
        if (_plugins.Plugins.FirstOrDefault(plugin => plugin.Folder == _name && plugin.State == PluginState.Rejected) is { } rejected)
        {
            throw new CommandException($"The plugin {_name} is rejected: {rejected.Reason}");
        }

        var name = await PublishAsync(cancellationToken);
        var request = RecordedRequest.Parse(await OneRun.ReadAsync(requestFile, cancellationToken), requestFile);
        var (response, run) = await OneRun.SendAsync(services, name, request, cancellationToken);
        output.WriteLine();
        OneRun.PrintReply(response, output);
        if (run is not null)
        {
            new RunPrinter(new Terminal(output, hasColour: false, width: null)).PrintSteps(run);
        }
        else if (await OneRun.ExplainRejectionAsync(services, response, cancellationToken) is { } reason)
        {
            output.WriteLine(reason);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Built, swapped and replied in {time.GetElapsedTime(started).TotalSeconds:0.0} s."));
    }

    // An installed copy of the same plugin under another name: its node types would conflict. It leaves this session only; its folder
    // stays.
    private List<string> FindOthers()
    {
        var entry = PluginFolder.Read(folder).EntryName;
        var others = _plugins.Folders
            .Where(other => other != _name && Path.Combine(installed, other) is var path && Directory.Exists(path) && PluginFolder.Read(path).EntryName == entry)
            .ToList();
        others.ForEach(other => output.WriteLine($"The plugin in {Path.Combine(installed, other)} is the same plugin; this session uses the build instead."));
        return others;
    }

    // Delete first: otherwise a published workflow would keep the older plugin version if it does not fit the newer one.
    private async Task<string> PublishAsync(CancellationToken cancellationToken)
    {
        foreach (var stale in _workflows.All())
        {
            await _workflows.DeleteAsync(stale.Stored.Name, cancellationToken);
        }

        await _plugins.ReleaseAsync(cancellationToken);
        var text = Encoding.UTF8.GetString(await OneRun.ReadAsync(workflowFile, cancellationToken));
        var published = await _workflows.PublishAsync(new Submission(text, workflowFile), cancellationToken);
        return published.Stored?.Name
            ?? throw new CommandException($"{workflowFile} is not a valid workflow:{Environment.NewLine}{OneRun.Lines(published.Problems)}");
    }
}
