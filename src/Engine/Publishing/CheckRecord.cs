using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Json;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Publishing;

/// <summary>
/// Records that a version passed every check. While the checking code, the plugins and the secrets are the same, it would pass again, so a
/// start neither parses nor checks it. Contains what must be known of the version before its first run.
/// </summary>
/// <param name="By">The code that checked it.</param>
/// <param name="Route">The webhook it listens to; null if none.</param>
/// <param name="Secrets">The names of the secrets that it reads.</param>
internal sealed record CheckRecord(string By, WebhookRoute? Route, ImmutableArray<string> Secrets)
{
    /// <summary>How long its runs are kept, and how many; null for the host's default.</summary>
    public RetentionSettings? Retention { get; init; }

    /// <summary>Creates the record of a newly compiled workflow; null if its trigger needs more than a route while it waits.</summary>
    public static CheckRecord? Of(CompiledWorkflow workflow) => workflow.Definition.Trigger.Type is "webhook"
        ? new CheckRecord(CodeStamp.Current, workflow.Webhook?.Route, workflow.Secrets) { Retention = workflow.Definition.Retention }
        : null;

    /// <summary>Returns the stored form: <c>{"by":"…","path":"/orders","methods":["POST"],"secrets":[]}</c>.</summary>
    public string Write() => Encoding.UTF8.GetString(JsonText.Write(this, static (writer, record) =>
    {
        writer.WriteStartObject();
        writer.WriteString("by", record.By);
        if (record.Route is { } route)
        {
            writer.WriteString("path", route.Path);
            WriteAll(writer, "methods", route.Methods);
        }

        WriteAll(writer, "secrets", record.Secrets);
        if (record.Retention is { } retention)
        {
            writer.WriteStartObject("retention");
            WriteBound(writer, "age_ticks", retention.Age?.Ticks);
            WriteBound(writer, "runs", retention.Runs);
            WriteBound(writer, "bytes", retention.Bytes);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }));

    /// <summary>Parses what <see cref="Write"/> wrote; null if other code wrote it, because its records may have another form.</summary>
    public static CheckRecord? Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (!root.TryGetProperty("by", out var by) || !by.ValueEquals(CodeStamp.Current))
        {
            return null;
        }

        var route = root.TryGetProperty("path", out var path) ? new WebhookRoute(path.GetString()!, ReadAll(root, "methods")) : null;
        return new CheckRecord(CodeStamp.Current, route, ReadAll(root, "secrets"))
        {
            Retention = root.TryGetProperty("retention", out var retention)
                ? new RetentionSettings(
                    ReadBound(retention, "age_ticks") is { } age ? TimeSpan.FromTicks(age) : null, ReadBound(retention, "runs"), ReadBound(retention, "bytes"))
                : null,
        };
    }

    private static void WriteBound(Utf8JsonWriter writer, string name, long? bound)
    {
        if (bound is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static long? ReadBound(JsonElement of, string name) => of.TryGetProperty(name, out var bound) ? bound.GetInt64() : null;

    private static void WriteAll(Utf8JsonWriter writer, string name, ImmutableArray<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static ImmutableArray<string> ReadAll(JsonElement of, string name) =>
        of.GetProperty(name) is var list && list.GetArrayLength() > 0 ? [.. list.EnumerateArray().Select(value => value.GetString()!)] : [];
}
