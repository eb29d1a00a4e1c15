using System.CommandLine;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Definitions;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Host.Api;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;
using Sluice.Host.Webhooks;

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
        var command = new Command("run", "One run of a workflow, no server.") { file, request, trace, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Wish(parsed.GetValue(file)!, parsed.GetValue(request)!, parsed.GetValue(trace), parsed.GetValue(json)), places.Overrides(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Wish wish, IReadOnlyList<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetString(await ReadAsync(wish.File, cancellationToken));
        var request = RecordedRequest.Parse(await ReadAsync(wish.Request, cancellationToken), wish.Request);
        var data = Directory.CreateTempSubdirectory("sluice-run-");
        try
        {
            var configuration = new ConfigurationBuilder();
            HostConfiguration.AddSources(configuration, [.. overrides, new("Data:Directory", data.FullName)]);
            var options = HostConfiguration.Read(configuration.Build());
            var secrets = HostSecrets.Read(Environment.GetEnvironmentVariables(), options.Secrets.Directory);
            await using var room = await EngineRoom.OpenAsync(options, secrets, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            var published = await room.Workflows.PublishAsync(new Submission(text, wish.File), cancellationToken);
            if (published.Stored is null)
            {
                throw new CommandException($"{wish.File} can't run; `sluice check {wish.File}` says:{Environment.NewLine}{Lines(published.Problems)}");
            }

            return await RunAsync(room, wish, request, published.Stored.Name, cancellationToken);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<int> RunAsync(EngineRoom room, Wish wish, RecordedRequest request, string name, CancellationToken cancellationToken)
    {
        var webhook = room.Workflows.Find(name)!.Compiled.Webhook
            ?? throw new CommandException($"{wish.File} has no webhook trigger, so no request can start it.");
        var method = request.Target is null ? webhook.Methods[0] : request.Method;
        var http = (request with { Method = method }).ToHttp(WebhookEndpoint.Prefix + webhook.Path);
        await room.Webhooks.HandleAsync(http);
        await room.Runner.WhenIdleAsync(cancellationToken);

        var run = RunId.TryParse(http.Response.Headers[AnswerWriter.RunIdHeader], out var id) ? await FindAsync(room, id, cancellationToken) : null;
        if (wish.Json && run is not null)
        {
            Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(run, ApiJson.Readable.RunView));
        }
        else
        {
            PrintReply(http.Response);
            if (wish.Trace && run is not null)
            {
                RunPrinter.PrintSteps(run);
            }
        }

        return run?.Status == "succeeded" ? SluiceCommand.Done : SluiceCommand.Wrong;
    }

    private static async Task<RunView?> FindAsync(EngineRoom room, RunId id, CancellationToken cancellationToken)
    {
        await room.Runner.FlushAsync(id);
        return await room.Journal.FindAsync(id, cancellationToken) is { } record ? RunViews.Of(record) : null;
    }

    private static void PrintReply(HttpResponse response)
    {
        Console.WriteLine($"HTTP/1.1 {response.StatusCode} {Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(response.StatusCode)}");
        foreach (var (name, value) in response.Headers)
        {
            Console.WriteLine($"{name}: {value}");
        }

        Console.WriteLine();
        Console.WriteLine(Encoding.UTF8.GetString(((MemoryStream)response.Body).ToArray()));
    }

    private static string Lines(IEnumerable<Problem> problems) =>
        string.Join(Environment.NewLine, problems.Select(problem => $"  {problem.At?.Line}:{problem.At?.Column}: {problem.Rule}: {problem.Message}"));

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (file != "-")
            {
                return await File.ReadAllBytesAsync(file, cancellationToken);
            }

            using var buffer = new MemoryStream();
            await Console.OpenStandardInput().CopyToAsync(buffer, cancellationToken);
            return buffer.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {exception.Message}", exception);
        }
    }

    private sealed record Wish(string File, string Request, bool Trace, bool Json);
}
