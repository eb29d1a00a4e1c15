using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Sluice.Engine.Execution;
using Sluice.Engine.Files;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage;
using Sluice.Engine.Text;
using Sluice.Host.Api;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Cli;

/// <summary>Sends one request through the real ingress and journal, without a server: <c>run</c> once, <c>dev</c> at every save.</summary>
internal static class OneRun
{
    /// <summary>The option that skips authentication.</summary>
    public const string SkipAuth = "--skip-auth";

    // Enough for a request with files, and more than any workflow.
    private const int MostBytes = 128 * 1024 * 1024;

    /// <summary>Sends a request to a published workflow and waits for the end of its run.</summary>
    /// <returns>The reply, and the run if one started.</returns>
    /// <exception cref="CommandException">No request can start this workflow.</exception>
    public static async Task<(HttpResponse Response, RunView? Run)> SendAsync(
        IServiceProvider services, string workflow, RecordedRequest request, CancellationToken cancellationToken)
    {
        var webhook = services.GetRequiredService<WorkflowRegistry>().Find(workflow)?.Compiled.Webhook
            ?? throw new CommandException($"The workflow '{workflow}' has no webhook trigger, so a request can't start it. Give it a trigger of type webhook.");
        var method = request.Target is null ? webhook.Methods[0] : request.Method;
        var http = (request with { Method = method }).ToHttp(WebhookEndpoint.Prefix + webhook.Path);
        // Ctrl+C acts as a caller that disconnects.
        http.RequestAborted = cancellationToken;
        await services.GetRequiredService<WebhookEndpoint>().HandleAsync(http);
        cancellationToken.ThrowIfCancellationRequested();
        await services.GetRequiredService<Runner>().WhenIdleAsync(cancellationToken);
        var run = RunId.TryParse(http.Response.Headers[AnswerWriter.RunIdHeader], out var id) ? await FindAsync(services, id, cancellationToken) : null;
        return (http.Response, run);
    }

    /// <summary>Prints the reply as an HTTP message.</summary>
    public static void PrintReply(HttpResponse response, TextWriter output)
    {
        output.WriteLine($"HTTP/1.1 {response.StatusCode} {ReasonPhrases.GetReasonPhrase(response.StatusCode)}");
        foreach (var (name, value) in response.Headers)
        {
            output.WriteLine($"{name}: {value}");
        }

        output.WriteLine();
        output.WriteLine(BodyOf(response));
    }

    /// <summary>Gets the body of the reply as text.</summary>
    public static string BodyOf(HttpResponse response) => Encoding.UTF8.GetString(((MemoryStream)response.Body).ToArray());

    /// <summary>Explains why the last request was rejected before a run started; null if it was not.</summary>
    public static async Task<string?> ExplainRejectionAsync(IServiceProvider services, HttpResponse response, CancellationToken cancellationToken)
    {
        if (response.StatusCode < 400)
        {
            return null;
        }

        await services.GetRequiredService<RejectionLog>().WriteAsync(cancellationToken);
        return await services.GetRequiredService<IStorage>().Rejections.ListAsync(new RejectionFilter(null, null, 1), cancellationToken) is [var last]
            ? $"Rejected, {last.Reason}: {last.Detail} A caller over HTTP does not see the reason. To skip authentication, add {SkipAuth}."
            : null;
    }

    /// <summary>Formats the problems of a workflow, one per line.</summary>
    public static string Lines(IEnumerable<Problem> problems) =>
        string.Join(Environment.NewLine, problems.Select(problem => problem.At is { } at ? $"  {at.Line}:{at.Column}: {problem.Rule}: {problem.Message}" : $"  {problem.Rule}: {problem.Message}"));

    /// <summary>Reads a file, or standard input if the name is <c>-</c>.</summary>
    /// <exception cref="CommandException">It can't be read.</exception>
    public static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (file != "-")
            {
                return await Task.Run(() => FileText.Read(file, MostBytes), cancellationToken);
            }

            // A read from a terminal can't be cancelled; Ctrl+C abandons it.
            return await Task.Run(ReadStandardInput, CancellationToken.None).WaitAsync(cancellationToken);
        }
        catch (UnfitFileException unfit)
        {
            throw new CommandException($"{file} can't be read: {unfit.Message}.", unfit);
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

    private static async Task<RunView?> FindAsync(IServiceProvider services, RunId id, CancellationToken cancellationToken)
    {
        var runs = services.GetRequiredService<IStorage>().Runs;
        await services.GetRequiredService<Runner>().FlushAsync(id);
        if (await runs.FindAsync(id, cancellationToken) is not { } record)
        {
            return null;
        }

        // The journal is deleted after the command, so omitted output can't be fetched later.
        var view = RunViews.Of(record, services.GetRequiredService<ISecrets>().Masks.All);
        var steps = new List<StepView>();
        foreach (var step in view.Steps)
        {
            var output = step.OutputBytes is null ? null : await runs.FindOutputAsync(id, step.Key, step.Attempt, cancellationToken);
            steps.Add(output is { } bytes ? step with { Output = JsonElement.Parse(bytes.Span), OutputBytes = null } : step);
        }

        return view with { Steps = steps };
    }
}
