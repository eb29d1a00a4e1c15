using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Which bodies a webhook accepts, and how it represents binary ones.</summary>
internal sealed record BodySettings
{
    /// <summary>The accepted content types: <c>application/json</c>, <c>image/*</c>; empty for all.</summary>
    public ImmutableArray<string> Accept { get; init; } = [];

    /// <summary>The maximum body size in bytes, both on the wire and decoded; null for the host's limit.</summary>
    public int? MaxBytes { get; init; }

    /// <summary>Whether the workflow gets a binary body as base64 and not as a file.</summary>
    public bool BinaryAsBase64 { get; init; }

    /// <summary>Whether a body of this content type is accepted.</summary>
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
