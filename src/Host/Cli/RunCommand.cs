using System.CommandLine;
using Sluice.Engine.Publishing;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Cli;

/// <summary>
/// <c>sluice run FILE --request REQUEST</c>: starts one run through the real ingress and journal, without a server. It leaves no files
/// behind.
/// </summary>
internal static class RunCommand
{
    public static Command Create(PlaceOptions places)
    {
        var file = new Argument<string>("FILE") { Description = "Workflow file, or - for standard input" };
        var request = new Option<string>("--request") { Description = "JSON body or recorded request: a file, or - for standard input", HelpName = "REQUEST", Required = true };
        var trace = new Option<bool>("--trace") { Description = "Print each step after the reply" };
        var json = new Option<bool>("--json") { Description = "Print the run as JSON; if no run started, the reply and the reason" };
        var skip = SkipAuthOption();
        var command = new Command("run", "Run a workflow once with a request, without a server.") { file, request, trace, json, skip, places.Plugins };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Wish(parsed.GetValue(file)!, parsed.GetValue(request)!, parsed.GetValue(trace), parsed.GetValue(json), parsed.GetValue(skip)),
            places.Overrides(parsed),
            cancellationToken));
        return command;
    }

    /// <summary>The option to skip authentication, for a request whose body was edited or whose credentials were masked.</summary>
    public static Option<bool> SkipAuthOption() => new(OneRun.SkipAuth) { Description = "Skip authentication: accept a request whose body was edited or whose credentials were masked. The age of a signature is never checked here" };

    private static async Task<int> RunAsync(Wish wish, IReadOnlyList<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        if (wish is { File: "-", Request: "-" })
        {
            throw new CommandException("Standard input can't be both the workflow and the request. Name a file for one of them.");
        }

        var workflow = WorkflowFile.Decode(await OneRun.ReadAsync(wish.File, cancellationToken), wish.File);
        var request = RecordedRequest.Parse(await OneRun.ReadAsync(wish.Request, cancellationToken), wish.Request);
        await using var room = await LocalRoom.OpenAsync(overrides, cancellationToken, wish.Authentication, swaps: false);
        var published = await room.Services.GetRequiredService<WorkflowRegistry>().PublishAsync(workflow, cancellationToken);
        return published.Stored is { Name: var name }
            ? await RunAsync(room.Services, wish, request, name, cancellationToken)
            : throw new CommandException($"{wish.File} is not a valid workflow:{Environment.NewLine}{OneRun.Lines(published.Problems)}");
    }

    private static async Task<int> RunAsync(IServiceProvider services, Wish wish, RecordedRequest request, string name, CancellationToken cancellationToken)
    {
        var (response, run) = await OneRun.SendAsync(services, name, request, cancellationToken);
        var reason = run is null ? await OneRun.ExplainRejectionAsync(services, response, cancellationToken) : null;
        if (wish.Json)
        {
            PrintJson(response, run, reason);
        }
        else
        {
            OneRun.PrintReply(response, Console.Out);
            if (reason is not null)
            {
                Terminal.Error().Line(Terminal.CleanLine(reason));
            }

            if (wish.Trace && run is not null)
            {
                new RunPrinter(Terminal.Output()).PrintSteps(run);
            }
        }

        var isRight = run is null ? response.StatusCode < 400 : run.Status == "succeeded";
        return isRight ? SluiceCommand.Done : SluiceCommand.Wrong;
    }

    private static void PrintJson(HttpResponse response, RunView? run, string? reason)
    {
        if (run is not null)
        {
            JsonOption.Print(run, ApiJson.Readable.RunView);
            return;
        }

        var headers = response.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
        JsonOption.Print(new UnstartedView(response.StatusCode, headers, OneRun.BodyOf(response), reason), CliJson.Readable.UnstartedView);
    }

    private sealed record Wish(string File, string Request, bool Trace, bool Json, bool SkipAuth)
    {
        public AuthenticationRule Authentication => SkipAuth ? AuthenticationRule.Off : AuthenticationRule.AnyAge;
    }
}
