using System.Text;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Listening;

/// <summary>
/// Refuses requests whose end two parties could see in different places (request smuggling, RFC 9112, section 11.2), where Kestrel takes them.
/// </summary>
internal static class Framing
{
    /// <summary>Has Kestrel end lines at CR LF alone (RFC 9112, section 2.2). Read when a web server is built.</summary>
    public const string StrictLineEnds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    // Where Kestrel puts a Content-Length that came beside a Transfer-Encoding.
    private const string DroppedLength = "X-Content-Length";

    /// <summary>Null if the request has one length; else what it is answered, after which the connection closes.</summary>
    public static HttpProblem? Refuse(HttpRequest request)
    {
        var headers = request.Headers;
        return headers.ContentLength is not null || headers.TransferEncoding.Count == 0 || IsChunkedAlone(request) ? null : Problems.AmbiguousLength;
    }

    /// <summary>Decodes the value of <c>Content-Length</c>: digits alone, where Kestrel's own decoding takes a sign. Null for any other header.</summary>
    public static Encoding? EncodingOf(string header) =>
        header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? Digits.Instance : null;

    private static bool IsChunkedAlone(HttpRequest request) =>
        request.Headers.TransferEncoding is [{ } coding]
        && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
        && HttpProtocol.IsHttp11(request.Protocol)
        && !request.Headers.ContainsKey(DroppedLength);

    /// <summary>ASCII digits; anything else becomes what no number holds.</summary>
    private sealed class Digits : Encoding
    {
        public static readonly Digits Instance = new();

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override int GetMaxCharCount(int byteCount) => byteCount;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

        public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            // More digits than a length has: leading zeros are no reason to guess.
            if (bytes.Length > chars.Length)
            {
                chars[0] = '?';
                return 1;
            }

            for (var index = 0; index < bytes.Length; index++)
            {
                chars[index] = bytes[index] is >= (byte)'0' and <= (byte)'9' ? (char)bytes[index] : '?';
            }

            return bytes.Length;
        }

        public override int GetByteCount(char[] chars, int index, int count) => count;

        public override int GetMaxByteCount(int charCount) => charCount;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);
    }
}
