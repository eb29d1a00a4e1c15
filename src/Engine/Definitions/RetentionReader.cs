using System.Collections.Immutable;

namespace Sluice.Engine.Definitions;

/// <summary>Reads a workflow's <c>retention</c>: an object with at least one of <c>days</c>, <c>runs</c> and <c>megabytes</c>.</summary>
internal static class RetentionReader
{
    private const string Field = "retention";
    private const int Megabyte = 1024 * 1024;

    private static readonly ImmutableArray<string> Known = ["days", "runs", "megabytes"];

    /// <summary>Reads the setting; null if omitted or invalid.</summary>
    /// <param name="workflow">The fields of the workflow.</param>
    public static RetentionSettings? Read(Fields workflow)
    {
        if (workflow.Object(Field) is not { } source)
        {
            return null;
        }

        var fields = workflow.Below(Field, source);
        fields.RefuseUnknown(Known, []);
        if (Known.All(name => fields[name] is null))
        {
            workflow.Note("missing-field", "'retention' is empty: set days, runs or megabytes, or remove it.", Field, source.At);
        }

        return new RetentionSettings(
            fields.Count("days", 1, 3650) is { } days ? TimeSpan.FromDays(days) : null,
            fields.Count("runs", 1, 1_000_000_000),
            fields.Count("megabytes", 1, 10_000_000) is { } megabytes ? megabytes * (long)Megabyte : null);
    }
}
