using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Which bodies a webhook takes, and how it reads those that are no text.</summary>
internal sealed record BodySettings
{
    /// <summary>The content types that it takes: <c>application/json</c>, <c>image/*</c>; empty for all.</summary>
    public ImmutableArray<string> Accept { get; init; } = [];

    /// <summary>The most bytes that a body may have, on the wire and decoded; null for as many as the host takes.</summary>
    public int? MaxBytes { get; init; }

    /// <summary>Whether a binary body is given to the workflow as base64 and not as a file.</summary>
    public bool BinaryAsBase64 { get; init; }

    /// <summary>Whether a body of this content type is taken.</summary>
    public bool Takes(string contentType)
    {
        var type = contentType.AsSpan();
        type = (type.IndexOf(';') is var end and >= 0 ? type[..end] : type).Trim();
        foreach (var range in Accept)
        {
            var fits = range.EndsWith("/*", StringComparison.Ordinal)
                ? type.StartsWith(range.AsSpan(0, range.Length - 1), StringComparison.OrdinalIgnoreCase)
                : type.Equals(range, StringComparison.OrdinalIgnoreCase);
            if (fits)
            {
                return true;
            }
        }

        return Accept.IsEmpty;
    }
}
