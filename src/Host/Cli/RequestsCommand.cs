using System.CommandLine;
using System.Globalization;
using System.Text;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli;

/// <summary>
/// <c>sluice requests</c>: lists and shows the requests that started runs, and saves one for <c>sluice run --request</c>.
/// </summary>
internal static class RequestsCommand
{
    public static Command Create() => new("requests", "List, show and save the requests that started the runs of a running host.") { List(), Show(), Save() };

    private static Command List()
    {
        var workflow = new Option<string?>("--workflow") { Description = "Only requests to this workflow", HelpName = "NAME" };
        var limit = NumberOption.Create("--limit", "Maximum number of requests", "N", standard: 20);
        var before = new Option<string?>("--before") { Description = "Only requests older than this one", HelpName = "ID" };
        var json = JsonOption.Create();
        var command = new Command("list", "List requests, newest first.") { workflow, limit, before };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = string.Create(
                CultureInfo.InvariantCulture,
                $"api/requests?workflow={Escape(parsed.GetValue(workflow))}&limit={parsed.GetValue(limit)}&before={Escape(parsed.GetValue(before))}");
            using var client = host.Open(parsed);
            var requests = await client.GetAsync(query, ApiJson.Readable.IReadOnlyListRequestSummaryView, cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(requests, ApiJson.Readable.IReadOnlyListRequestSummaryView);
            }
            else
            {
                Print(requests, Terminal.Output());
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<RequestSummaryView> requests, Terminal terminal) => terminal.Table(
        ["request", "workflow", "method", "target", "bytes", "run", "received"],
        requests.Select(request => (Cell[])
        [
            request.Id, request.Workflow, request.Method, request.Target, request.BodyBytes.ToString(CultureInfo.InvariantCulture),
            new Cell(request.RunStatus, RunPrinter.StyleOf(request.RunStatus)), RunPrinter.Time(request.ReceivedAt),
        ]));

    private static Command Show()
    {
        var id = IdArgument();
        var json = JsonOption.Create();
        var command = new Command("show", "Print a request as an HTTP message. Credentials are shown as ***.") { id };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = host.Open(parsed);
            var path = PathOf(parsed.GetValue(id)!);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(await client.GetAsync(path, ApiJson.Readable.RequestView, cancellationToken), ApiJson.Readable.RequestView);
                return SluiceCommand.Done;
            }

            var message = await client.GetBytesAsync(path, RequestRoutes.MessageType, cancellationToken);
            var terminal = Terminal.Output();
            if (terminal.Width is not null)
            {
                terminal.Line(Terminal.Clean(Encoding.UTF8.GetString(message)));
                return SluiceCommand.Done;
            }

            // A file or a pipe gets the received bytes unchanged.
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(message, cancellationToken);
            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Save()
    {
        var id = IdArgument();
        var file = new Argument<string?>("FILE") { Description = "File to write [default: ID.http]", Arity = ArgumentArity.ZeroOrOne };
        var json = JsonOption.Create();
        var command = new Command("save", "Save a request as a file for `sluice run --request`. Credentials are saved as ***.") { id, file };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = host.Open(parsed);
            var message = await client.GetBytesAsync(PathOf(parsed.GetValue(id)!), RequestRoutes.MessageType, cancellationToken);
            var path = parsed.GetValue(file) ?? $"{parsed.GetValue(id)}.http";
            try
            {
                await File.WriteAllBytesAsync(path, message, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"{path} can't be written: {exception.Message}", exception);
            }

            if (parsed.GetValue(json))
            {
                JsonOption.Print(new SavedView(parsed.GetValue(id)!, Path.GetFullPath(path)), CliJson.Readable.SavedView);
            }
            else
            {
                Terminal.Output().Line($"Saved as {path}. To replay it: sluice run WORKFLOW --request {path}");
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static Argument<string> IdArgument() => new("ID") { Description = "ID of the run that the request started, as in the response header Sluice-Run-Id" };

    private static string PathOf(string id) => $"api/requests/{Escape(id)}";

    private static string Escape(string? text) => Uri.EscapeDataString(text ?? "");
}
