using System.CommandLine;
using System.Text.Json;
using Sluice.Host.Api;

namespace Sluice.Host.Cli;

/// <summary><c>sluice requests</c>: the requests that runs of a running host started from, and saving one for <c>sluice run --request</c>.</summary>
internal static class RequestsCommand
{
    private static readonly Option<string> Url = AdminClient.UrlOption();
    private static readonly Option<string?> Key = AdminClient.KeyOption();
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON" };
    private static readonly Argument<string> Id = new("ID") { Description = "The run that the request started, as in the header Sluice-Run-Id" };

    public static Command Create() => new("requests", "The requests that the runs of a running host started from.") { List(), Show(), Save() };

    private static Command List()
    {
        var workflow = new Option<string?>("--workflow") { Description = "Only those to this workflow" };
        var limit = new Option<int>("--limit") { Description = "How many at most", DefaultValueFactory = _ => 20 };
        var before = new Option<string?>("--before") { Description = "Only those older than this one" };
        var command = new Command("list", "List requests, newest first.") { workflow, limit, before, Url, Key, Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = $"api/requests?workflow={Escape(parsed.GetValue(workflow))}&limit={parsed.GetValue(limit)}&before={Escape(parsed.GetValue(before))}";
            using var client = Client(parsed);
            var requests = await client.GetAsync(query, ApiJson.Readable.IReadOnlyListRequestSummaryView, cancellationToken);
            if (parsed.GetValue(Json))
            {
                Console.WriteLine(JsonSerializer.Serialize(requests, ApiJson.Readable.IReadOnlyListRequestSummaryView));
            }
            else
            {
                RunPrinter.PrintList(requests);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var command = new Command("show", "Print one request; credentials are shown as ***.") { Id, Url, Key, Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = Client(parsed);
            if (parsed.GetValue(Json))
            {
                var request = await client.GetAsync(PathOf(parsed), ApiJson.Readable.RequestView, cancellationToken);
                Console.WriteLine(JsonSerializer.Serialize(request, ApiJson.Readable.RequestView));
                return SluiceCommand.Done;
            }

            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(await client.GetBytesAsync(PathOf(parsed), RequestRoutes.MessageType, cancellationToken), cancellationToken);
            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Save()
    {
        var file = new Argument<string?>("FILE") { Description = "The file [default: ID.http]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("save", "Save one request as a file that `sluice run --request` takes; credentials are saved as ***.") { Id, file, Url, Key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = Client(parsed);
            var message = await client.GetBytesAsync(PathOf(parsed), RequestRoutes.MessageType, cancellationToken);
            var path = parsed.GetValue(file) ?? $"{parsed.GetValue(Id)}.http";
            try
            {
                await File.WriteAllBytesAsync(path, message, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"{path} can't be written: {exception.Message}", exception);
            }

            Console.WriteLine($"Saved as {path}. Try it with `sluice run WORKFLOW --request {path}`.");
            return SluiceCommand.Done;
        });
        return command;
    }

    private static string PathOf(ParseResult parsed) => $"api/requests/{Escape(parsed.GetValue(Id))}";

    private static AdminClient Client(ParseResult parsed) => new(parsed.GetValue(Url)!, parsed.GetValue(Key));

    private static string Escape(string? text) => Uri.EscapeDataString(text ?? "");
}
