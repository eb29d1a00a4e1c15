using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>
/// Reads a webhook's <c>idempotency</c>: false, the name of a source, an expression, or an object with one of the latter two.
/// </summary>
internal static class IdempotencyReader
{
    private const string Field = "idempotency";

    private static readonly ImmutableArray<string> Known = ["key", "required", "retention", "same_payload"];
    private static readonly TimeSpan LongestRetention = TimeSpan.FromDays(365);

    /// <summary>Reads the setting; null if omitted or invalid.</summary>
    /// <param name="config">The fields of the trigger's config.</param>
    /// <param name="sources">The named sources.</param>
    public static IdempotencySettings? Read(Fields config, ImmutableArray<KeySource> sources)
    {
        switch (config[Field])
        {
            case null:
                return null;
            case SourceNode.Literal { Json: "false" }:
                return IdempotencySettings.Off;
            case SourceNode.Text key:
                return ReadKey(key, Field, config, sources);
            case SourceNode.Object settings:
                return ReadObject(config.Below(Field, settings), sources);
            case var other:
                var given = other is SourceNode.Literal { Json: "true" } ? "true, which is the default" : other.TypeInWords();
                var message = $"'{Field}' must be false, a name ({NamesOf(sources)}), an expression, or an object with 'key', not {given}.";
                config.Note("wrong-type", message, Field, other.At);
                return null;
        }
    }

    private static IdempotencySettings? ReadObject(Fields fields, ImmutableArray<KeySource> sources)
    {
        fields.RefuseUnknown(Known, []);
        var settings = fields.Text("key") is { } key ? ReadKey(key, "key", fields, sources) : IdempotencySettings.Default;
        var retention = fields.Duration("retention");
        if (retention is { } time && (time <= TimeSpan.Zero || time > LongestRetention))
        {
            fields.Note("bad-duration", "The retention must be longer than 0 and at most 8760h.", "retention", fields["retention"]!.At);
        }

        return settings is null ? null : settings with
        {
            ExpressionField = $"{Field}.key",
            IsRequired = ReadBoolean(fields, "required") ?? false,
            Retention = retention,
            ComparesPayloads = ReadBoolean(fields, "same_payload") ?? settings.ComparesPayloads,
        };
    }

    private static IdempotencySettings? ReadKey(SourceNode.Text key, string field, Fields fields, ImmutableArray<KeySource> sources)
    {
        if (ExpressionMark.IsIn(key.Value))
        {
            return new IdempotencySettings { Expression = key };
        }

        if (sources.FirstOrDefault(source => source.Name == key.Value) is { } named)
        {
            return new IdempotencySettings { Sources = [named], ComparesPayloads = !named.RepeatsDiffer };
        }

        var message = $"There is no delivery key '{key.Value}'.{DidYouMean.Hint(key.Value, [.. sources.Select(source => source.Name)])} Keys: {NamesOf(sources)}, "
            + "or an expression such as \"{{ trigger.output.body.id }}\".";
        fields.Note("unknown-value", message, field, key.At);
        return null;
    }

    private static string NamesOf(ImmutableArray<KeySource> sources) => string.Join(", ", sources.Select(source => source.Name));

    private static bool? ReadBoolean(Fields fields, string name)
    {
        switch (fields[name])
        {
            case null:
                return null;
            case SourceNode.Literal { Json: "true" or "false" } given:
                return given.Json == "true";
            case var other:
                fields.Note("wrong-type", $"'{name}' must be true or false, not {other.TypeInWords()}.", name, other.At);
                return null;
        }
    }
}
