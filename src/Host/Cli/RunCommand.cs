using System.CommandLine;
using Sluice.Engine.Publishing;
using Sluice.Host.Api;
using Sluice.Host.Composition;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Cli;

/// <summary><c>sluice run FILE --request REQUEST</c>: one run through the real ingress and the real journal, without a server and leaving nothing behind.</summary>
internal static class RunCommand
{
    public static Command Create(PlaceOptions places)
    {
        var file = new Argument<string>("FILE") { Description = "A workflow file" };
        var request = new Option<string>("--request") { Description = "A JSON body or a recorded request; - for standard input", Required = true };
        var trace = new Option<bool>("--trace") { Description = "Print each step" };
        var json = new Option<bool>("--json") { Description = "Print the run as JSON" };
        var skip = SkipAuthOption();
        var command = new Command("run", "One run of a workflow, no server.") { file, request, trace, json, skip, places.Plugins };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Wish(parsed.GetValue(file)!, parsed.GetValue(request)!, parsed.GetValue(trace), parsed.GetValue(json), parsed.GetValue(skip)), places.Overrides(parsed), cancellationToken));
        return command;
    }

    /// <summary>Leaves out who sent a request, for one whose body was edited or whose credentials were masked.</summary>
    public static Option<bool> SkipAuthOption() => new(OneRun.SkipAuth) { Description = "Do not verify who sent the request (its age never counts here)" };

    private static async Task<int> RunAsync(Wish wish, IReadOnlyList<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        var workflow = WorkflowFile.Decode(await OneRun.ReadAsync(wish.File, cancellationToken), wish.File);
        var request = RecordedRequest.Parse(await OneRun.ReadAsync(wish.Request, cancellationToken), wish.Request);
        await using var room = await LocalRoom.OpenAsync(overrides, cancellationToken, wish.Authentication, swaps: false);
        var published = await room.Engine.Workflows.PublishAsync(workflow, cancellationToken);
        return published.Stored is { Name: var name }
            ? await RunAsync(room.Engine, wish, request, name, cancellationToken)
            : throw new CommandException($"{wish.File} can't run; `sluice check {wish.File}` says:{Environment.NewLine}{OneRun.Lines(published.Problems)}");
    }

    private static async Task<int> RunAsync(EngineRoom room, Wish wish, RecordedRequest request, string name, CancellationToken cancellationToken)
    {
        var (response, run) = await OneRun.SendAsync(room, name, request, cancellationToken);
        if (wish.Json && run is not null)
        {
            Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(run, ApiJson.Readable.RunView));
        }
        else
        {
            OneRun.PrintReply(response, Console.Out);
            if (run is null && await OneRun.ExplainRefusalAsync(room, response, cancellationToken) is { } reason)
            {
                await Console.Error.WriteLineAsync(reason);
            }

            if (wish.Trace && run is not null)
            {
                RunPrinter.PrintSteps(run, Console.Out);
            }
        }

        var isRight = run is null ? response.StatusCode < 400 : run.Status == "succeeded";
        return isRight ? SluiceCommand.Done : SluiceCommand.Wrong;
    }

    private sealed record Wish(string File, string Request, bool Trace, bool Json, bool SkipAuth)
    {
        public AuthenticationRule Authentication => SkipAuth ? AuthenticationRule.Off : AuthenticationRule.AnyAge;
    }
}
