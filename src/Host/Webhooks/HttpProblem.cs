using System.Text.Json;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>A problem as the caller receives it: <c>application/problem+json</c> (RFC 9457), with the run id and no internals.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">The last part of the problem's type, kebab-case: <c>deadline-passed</c>.</param>
/// <param name="Title">The title, the same for every problem of the type.</param>
/// <param name="Detail">What happened, and how to fix it.</param>
internal sealed record HttpProblem(int Status, string Type, string Title, string Detail) : IEarlyAnswer
{
    public const string ContentType = "application/problem+json";

    /// <summary>The seconds until the caller may try again; null if retrying does not help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>All errors in the request, if there is more than the detail says.</summary>
    public IReadOnlyList<RequestError> Errors { get; init; } = [];

    /// <summary>A header that tells the caller what is supported; null for none.</summary>
    public KeyValuePair<string, string>? Hint { get; init; }

    public Task WriteAsync(HttpContext http) => WriteAsync(http, null);

    public Task WriteAsync(HttpContext http, RunId? run)
    {
        var response = http.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (Hint is { } hint)
        {
            response.Headers.Append(hint.Key, hint.Value);
        }

        var body = ToJson(run);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>Serializes the body as UTF-8.</summary>
    public byte[] ToJson(RunId? run = null) => JsonText.Write((Problem: this, Run: run), static (writer, state) => state.Problem.Write(writer, state.Run));

    private void Write(Utf8JsonWriter writer, RunId? run)
    {
        writer.WriteStartObject();
        writer.WriteString("type", $"urn:sluice:problem:{Type}");
        writer.WriteString("title", Title);
        writer.WriteNumber("status", Status);
        writer.WriteString("detail", Detail);
        if (run is { } id)
        {
            writer.WriteString("run_id", id.ToString());
        }

        if (Errors.Count > 0)
        {
            WriteErrors(writer);
        }

        writer.WriteEndObject();
    }

    private void WriteErrors(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("errors");
        foreach (var (part, error) in Errors)
        {
            writer.WriteStartObject();
            writer.WriteString("in", part);
            writer.WriteString("path", error.Path);
            writer.WriteString("message", error.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
