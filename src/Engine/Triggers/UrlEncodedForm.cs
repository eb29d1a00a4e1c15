using System.Net;

namespace Sluice.Engine.Triggers;

/// <summary>
/// Parses <c>application/x-www-form-urlencoded</c> and query strings by the URL standard (https://url.spec.whatwg.org/#urlencoded-parsing):
/// names are case-sensitive, and a name without <c>=</c> has an empty value.
/// </summary>
internal static class UrlEncodedForm
{
    /// <summary>Returns the values of each name, in order of first appearance. Bytes that are not UTF-8 are decoded as U+FFFD.</summary>
    public static OrderedDictionary<string, List<string>> Read(ReadOnlySpan<char> text)
    {
        var fields = new OrderedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var range in text.Split('&'))
        {
            var piece = text[range];
            if (piece.IsEmpty)
            {
                continue;
            }

            var equals = piece.IndexOf('=');
            var name = Decode(equals < 0 ? piece : piece[..equals]);
            if (!fields.TryGetValue(name, out var values))
            {
                fields.Add(name, values = []);
            }

            values.Add(equals < 0 ? "" : Decode(piece[(equals + 1)..]));
        }

        return fields;
    }

    private static string Decode(ReadOnlySpan<char> text) => text.IndexOfAny('%', '+') < 0 ? text.ToString() : WebUtility.UrlDecode(text.ToString());
}
