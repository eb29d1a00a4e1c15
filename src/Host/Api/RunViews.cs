using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Engine.Plugins;
using Sluice.Engine.Secrets;
using Sluice.Host.Requests;
using Sluice.Sdk;

namespace Sluice.Host.Api;

/// <summary>Builds the views of runs from the journal.</summary>
internal static class RunViews
{
    // A longer body is omitted: people read the view.
    private const int LongestShownBody = 64 * 1024;

    public static RunSummaryView Of(RunSummary run) => new(
        run.Id.ToString(), run.Workflow, run.Version, Name(run.Status), run.Trigger, run.StartedAt, run.FinishedAt);

    /// <param name="run">The run.</param>
    /// <param name="mask">Hides secrets in the request, which the journal keeps unmasked.</param>
    public static RunView Of(RunRecord run, SecretMask mask)
    {
        var entries = JournalEntryReader.Read(run.Entries);
        // A retried run has ended before: only the last end counts, and only if no retry follows it.
        var ended = entries.LastOrDefault(entry => entry is JournalEntry.Ended or JournalEntry.Retried) as JournalEntry.Ended;
        return new RunView(
            run.Header.Id.ToString(),
            run.Header.Workflow,
            run.Header.Version,
            Name(run.Status),
            Trigger(run.Header, mask),
            run.Header.StartedAt,
            run.FinishedAt,
            Of(ended?.Error),
            Message(run, entries, ended),
            entries.OfType<JournalEntry.Replied>().Select(Of).FirstOrDefault(),
            [.. entries.OfType<JournalEntry.Step>().Select(Of)],
            [.. entries.OfType<JournalEntry.Warning>().Select(warning => warning.Message)]);
    }

    private static string? Message(RunRecord run, IReadOnlyList<JournalEntry> entries, JournalEntry.Ended? ended) => run switch
    {
        { FinishedAt: null } when entries.OfType<JournalEntry.Unknown>().FirstOrDefault() is { } unknown => $"The run is held. {unknown.Reason}",
        { Status: RunStatus.Quarantined } => entries.OfType<JournalEntry.Quarantined>().LastOrDefault()?.Message,
        _ => ended?.Message,
    };

    private static ReplyView Of(JournalEntry.Replied reply)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (reply.ContentType is { } contentType)
        {
            headers["content-type"] = contentType;
        }

        foreach (var (name, value) in reply.Headers)
        {
            headers[name] = headers.TryGetValue(name, out var before) ? $"{before}, {value}" : value;
        }

        return new ReplyView(reply.Status, headers, Text(reply.Body.Span), reply.Sent ? reply.At : null);
    }

    private static StepView Of(JournalEntry.Step step) => new(
        step.Key,
        step.Type,
        step.Status.ToString().ToLowerInvariant(),
        step.Attempt,
        step.Port,
        step.Output.IsEmpty || HiddenBytes(step) is not null ? null : JsonElement.Parse(step.Output.Span),
        HiddenBytes(step),
        Of(step.Error),
        step.StartedAt,
        step.Duration.TotalMilliseconds,
        step.Plugin is { } plugin ? Of(PluginIdentity.Parse(plugin)) : null,
        step.WakeAt,
        step.Signal);

    // Earlier versions stored every output inside its entry.
    private static long? HiddenBytes(JournalEntry.Step step) =>
        step.OutputBytes ?? (step.Output.Length > StoredOutput.Threshold ? step.Output.Length : null);

    private static PluginIdentityView Of(PluginIdentity plugin) => new(plugin.Name, plugin.Version, plugin.Hash.Length == 0 ? null : plugin.Hash);

    private static FailureView? Of(NodeFailure? failure) => failure is null ? null : new FailureView(failure.Kind, failure.Message, failure.Retryable);

    private static JsonElement Trigger(RunHeader header, SecretMask mask) => JsonElement.Parse(mask.Apply(JsonText.Write(header, static (writer, run) =>
    {
        using var envelope = JsonDocument.Parse(run.Envelope);
        writer.WriteStartObject();
        writer.WriteString("type", run.Trigger);
        foreach (var member in envelope.RootElement.EnumerateObject())
        {
            if (member.NameEquals("headers"))
            {
                WriteHeaders(writer, member.Value);
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteString("body", Text(run.Body.Span));
        writer.WriteEndObject();
    })).Span);

    private static void WriteHeaders(Utf8JsonWriter writer, JsonElement headers)
    {
        writer.WriteStartObject("headers");
        foreach (var header in headers.EnumerateObject())
        {
            writer.WriteString(header.Name, CredentialHeaders.IsOne(header.Name) ? SecretMask.Mask : header.Value.GetString());
        }

        writer.WriteEndObject();
    }

    private static string? Text(ReadOnlySpan<byte> bytes) => bytes switch
    {
        { IsEmpty: true } => null,
        { Length: > LongestShownBody } => $"({bytes.Length} bytes)",
        _ when !Utf8.IsValid(bytes) => $"({bytes.Length} bytes of binary data)",
        _ => Encoding.UTF8.GetString(bytes),
    };

    private static string Name(RunStatus status) => status.ToString().ToLowerInvariant();
}
