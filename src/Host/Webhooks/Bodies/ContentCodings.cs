using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Decodes the codings in <c>Content-Encoding</c> (RFC 9110, section 8.4), each up to a maximum size.</summary>
internal static class ContentCodings
{
    /// <summary>The supported codings, as <c>Accept-Encoding</c> lists them.</summary>
    public const string Known = "gzip, deflate, br";

    // There is no good reason to encode twice, and each coding is a pass over the whole body.
    private const int Most = 3;

    /// <summary>Decodes the body, or returns the problem to respond with.</summary>
    /// <param name="header">The values of <c>Content-Encoding</c>.</param>
    /// <param name="body">The bytes as received.</param>
    /// <param name="limit">The maximum size after each decoding.</param>
    /// <param name="newSpool">Creates a spool for decoded bytes; its creator disposes it.</param>
    /// <param name="cancellationToken">Cancels the decoding.</param>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, HttpProblem? Problem)> UndoAsync(
        StringValues header, ReadOnlyMemory<byte> body, int limit, Func<Spool> newSpool, CancellationToken cancellationToken)
    {
        var codings = Read(header);
        if (codings.FirstOrDefault(coding => coding is not ("gzip" or "x-gzip" or "deflate" or "br")) is { } unknown)
        {
            return (default, Problems.UnsupportedCoding($"The content encoding \"{unknown}\" is not supported. Use one of {Known}, or none."));
        }

        if (codings.Length > Most)
        {
            return (default, Problems.UnsupportedCoding($"The body has {codings.Length} content encodings. At most {Most} are supported."));
        }

        // Section 8.4: they are listed in the order in which they were applied.
        foreach (var coding in codings.Reverse())
        {
            var spool = newSpool();
            if (await Decoder.DecodeAsync(coding, body, spool, cancellationToken) is { } fault)
            {
                return (default, fault == DecodingFault.TooLarge
                    ? Problems.TooMuch($"The body may have at most {limit} bytes after decoding \"{coding}\".")
                    : Problems.BadBody($"The body does not match its content encoding: the \"{coding}\" data is corrupt, truncated, or has data after its end."));
            }

            body = spool.Read();
        }

        return (body, null);
    }

    // RFC 9110, section 5.6.1: empty list elements are ignored; section 8.4.1: names are case-insensitive.
    [SuppressMessage("Globalization", "CA1308", Justification = "The registered names of codings are lower case.")]
    private static ImmutableArray<string> Read(StringValues header) =>
        [.. header
            .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(coding => coding.ToLowerInvariant())
            .Where(coding => coding != "identity")];
}
