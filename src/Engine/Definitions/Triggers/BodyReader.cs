using System.Collections.Immutable;
using System.Net.Http.Headers;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads a trigger's <c>body</c>: which bodies it accepts.</summary>
internal static class BodyReader
{
    private static readonly ImmutableArray<string> Known = ["accept", "max_bytes", "binary"];
    private static readonly ImmutableArray<string> Binary = ["file", "base64"];

    /// <summary>Reads the setting; null if omitted.</summary>
    public static BodySettings? Read(Fields trigger)
    {
        if (trigger.Object("body") is not { } source)
        {
            return null;
        }

        var fields = trigger.Below("body", source);
        fields.RefuseUnknown(Known, []);
        return new BodySettings { Accept = ReadAccept(fields), MaxBytes = fields.Count("max_bytes", 1, int.MaxValue), BinaryAsBase64 = fields.Word("binary", Binary) == "base64" };
    }

    private static ImmutableArray<string> ReadAccept(Fields fields)
    {
        var texts = fields.TextNodes("accept", "a content type");
        foreach (var text in texts.Where(text => !IsRange(text.Value)))
        {
            fields.Note(
                "bad-content-type",
                $"'{text.Value}' is not a content type that can be accepted: write one without parameters, such as application/json, or all of a kind, such as image/*.",
                "accept",
                text.At);
        }

        return [.. texts.Select(text => text.Value)];
    }

    // `*` is a token, so `image/*` passes as a normal type; `*/*` and `a*/b` would have no meaning.
    private static bool IsRange(string text) =>
        MediaTypeHeaderValue.TryParse(text, out var type)
        && type.Parameters.Count == 0
        && type.MediaType == text
        && !(text.EndsWith("/*", StringComparison.Ordinal) ? text[..^2] : text).Contains('*', StringComparison.Ordinal);
}
