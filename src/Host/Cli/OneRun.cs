using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Sluice.Engine.Files;
using Sluice.Engine.Journal;
using Sluice.Engine.Text;
using Sluice.Host.Api;
using Sluice.Host.Composition;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Cli;

/// <summary>One request through the real ingress and the real journal, without a server: what <c>run</c> does once and <c>dev</c> at every save.</summary>
internal static class OneRun
{
    /// <summary>The option that leaves authentication out.</summary>
    public const string SkipAuth = "--skip-auth";

    // A request with files, and more than any workflow has.
    private const int MostBytes = 128 * 1024 * 1024;

    /// <summary>Sends a request to a published workflow and waits for the end of its run.</summary>
    /// <returns>The reply, and the run where one was started.</returns>
    /// <exception cref="CommandException">No request can start this workflow.</exception>
    public static async Task<(HttpResponse Response, RunView? Run)> SendAsync(
        EngineRoom room, string workflow, RecordedRequest request, CancellationToken cancellationToken)
    {
        var webhook = room.Workflows.Find(workflow)?.Compiled.Webhook
            ?? throw new CommandException($"The workflow {workflow} has no webhook trigger, so no request can start it.");
        var method = request.Target is null ? webhook.Methods[0] : request.Method;
        var http = (request with { Method = method }).ToHttp(WebhookEndpoint.Prefix + webhook.Path);
        // Ctrl+C is the caller who hangs up.
        http.RequestAborted = cancellationToken;
        await room.Webhooks.HandleAsync(http);
        cancellationToken.ThrowIfCancellationRequested();
        await room.Runner.WhenIdleAsync(cancellationToken);
        var run = RunId.TryParse(http.Response.Headers[AnswerWriter.RunIdHeader], out var id) ? await FindAsync(room, id, cancellationToken) : null;
        return (http.Response, run);
    }

    /// <summary>The reply as it goes over the wire.</summary>
    public static void PrintReply(HttpResponse response, TextWriter output)
    {
        output.WriteLine($"HTTP/1.1 {response.StatusCode} {ReasonPhrases.GetReasonPhrase(response.StatusCode)}");
        foreach (var (name, value) in response.Headers)
        {
            output.WriteLine($"{name}: {value}");
        }

        output.WriteLine();
        output.WriteLine(Encoding.UTF8.GetString(((MemoryStream)response.Body).ToArray()));
    }

    /// <summary>Why the last request was refused before any run, for the one who sent it; null where none was.</summary>
    public static async Task<string?> ExplainRefusalAsync(EngineRoom room, HttpResponse response, CancellationToken cancellationToken)
    {
        if (response.StatusCode < 400)
        {
            return null;
        }

        await room.Refusals.WriteAsync(cancellationToken);
        return await room.Storage.Refusals.ListAsync(new RefusalFilter(null, null, 1), cancellationToken) is [var last]
            ? $"Refused, {last.Reason}: {last.Detail} Over HTTP the caller is not told. {SkipAuth} sends it past the authentication."
            : null;
    }

    /// <summary>What is wrong with a workflow, a line each.</summary>
    public static string Lines(IEnumerable<Problem> problems) =>
        string.Join(Environment.NewLine, problems.Select(problem => problem.At is { } at ? $"  {at.Line}:{at.Column}: {problem.Rule}: {problem.Message}" : $"  {problem.Rule}: {problem.Message}"));

    /// <summary>A file's bytes, or standard input's where the name is <c>-</c>.</summary>
    /// <exception cref="CommandException">It can't be read.</exception>
    public static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (file != "-")
            {
                return await Task.Run(() => FileText.Read(file, MostBytes), cancellationToken);
            }

            // A terminal's read can't be cancelled; Ctrl+C leaves it behind.
            return await Task.Run(ReadStandardInput, CancellationToken.None).WaitAsync(cancellationToken);
        }
        catch (UnfitFileException unfit)
        {
            throw new CommandException($"{file} can't be used: {unfit.Message}.", unfit);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {exception.Message}", exception);
        }
    }

    private static byte[] ReadStandardInput()
    {
        using var buffer = new MemoryStream();
        Console.OpenStandardInput().CopyTo(buffer);
        return buffer.ToArray();
    }

    private static async Task<RunView?> FindAsync(EngineRoom room, RunId id, CancellationToken cancellationToken)
    {
        await room.Runner.FlushAsync(id);
        return await room.Storage.Runs.FindAsync(id, cancellationToken) is { } record ? RunViews.Of(record, room.Secrets.Masks.All) : null;
    }
}
