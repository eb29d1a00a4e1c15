using System.Buffers.Text;
using System.Net;
using System.Security;
using System.Text;
using System.Text.Encodings.Web;
using System.Web;

namespace Sluice.Engine.Execution;

/// <summary>Lists the spellings of a secret that expressions, nodes and the servers they call produce: plain, JSON, URL, form, HTML, XML, hexadecimal, base64.</summary>
internal static class SecretSpellings
{
    /// <summary>The distinct spellings of a value, the value itself included.</summary>
    public static IEnumerable<string> Of(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return Json(value).Concat(Url(value)).Concat(Markup(value)).Concat(Base64(bytes))
            .Append(value).Append(Convert.ToHexString(bytes)).Append(Convert.ToHexStringLower(bytes))
            .Distinct(StringComparer.Ordinal);
    }

    // JSON in a string of JSON has its escapes escaped again.
    private static IEnumerable<string> Json(string value)
    {
        var minimal = JsonMinimal(value);
        return
        [
            minimal, JsonMinimal(minimal),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value), JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(minimal),
            JavaScriptEncoder.Default.Encode(value), JavaScriptEncoder.Default.Encode(JavaScriptEncoder.Default.Encode(value)),
        ];
    }

    /// <summary>As JSON.stringify of JavaScript escapes a string: only what JSON requires.</summary>
    private static string JsonMinimal(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }

        return text.ToString();
    }

    private static IEnumerable<string> Url(string value)
    {
        var escaped = Uri.EscapeDataString(value);
        // What encodeURIComponent of JavaScript leaves as it is and RFC 3986 reserves.
        var component = escaped.Replace("%21", "!", StringComparison.Ordinal).Replace("%27", "'", StringComparison.Ordinal)
            .Replace("%28", "(", StringComparison.Ordinal).Replace("%29", ")", StringComparison.Ordinal).Replace("%2A", "*", StringComparison.Ordinal);
        return [escaped, component, escaped.Replace("%20", "+", StringComparison.Ordinal), WebUtility.UrlEncode(value), HttpUtility.UrlEncode(value)];
    }

    private static IEnumerable<string> Markup(string value) =>
        [WebUtility.HtmlEncode(value), HtmlEncoder.Default.Encode(value), SecurityElement.Escape(value)!];

    // A secret inside a longer text, such as user:password, starts at any of three places of a base64 group. The characters that the text around it
    // takes part in are not the secret's alone, and stay.
    private static IEnumerable<string> Base64(byte[] bytes)
    {
        yield return Convert.ToBase64String(bytes);
        yield return Base64Url.EncodeToString(bytes);
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var first = before == 0 ? 0 : before + 1;
            var last = (before + bytes.Length) * 8 / 6;
            var own = last > first ? whole[first..last] : "";
            yield return own;
            yield return own.Replace('+', '-').Replace('/', '_');
        }
    }
}
