using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Undoes the codings that <c>Content-Encoding</c> names (RFC 9110, section 8.4), within a bound on what comes out of each.</summary>
internal static class ContentCodings
{
    /// <summary>The codings that are undone, as <c>Accept-Encoding</c> lists them.</summary>
    public const string Known = "gzip, deflate, br";

    // Nobody codes twice for a reason; each coding is a pass over all of the body.
    private const int Most = 3;

    /// <summary>The body without its codings, or the problem that the caller is told.</summary>
    /// <param name="header">The values of <c>Content-Encoding</c>.</param>
    /// <param name="body">The bytes as they came.</param>
    /// <param name="limit">How many bytes may come out of one coding.</param>
    /// <param name="newSpool">A place for what comes out of one; whoever gives it disposes it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
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

    // RFC 9110, section 5.6.1: empty elements of a list count for nothing; section 8.4.1: names in any case.
    [SuppressMessage("Globalization", "CA1308", Justification = "The registered names of codings are lower case.")]
    private static ImmutableArray<string> Read(StringValues header) =>
        [.. header
            .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(coding => coding.ToLowerInvariant())
            .Where(coding => coding != "identity")];
}
