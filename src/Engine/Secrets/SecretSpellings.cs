using System.Buffers.Text;
using System.Net;
using System.Security;
using System.Text;
using System.Text.Encodings.Web;
using System.Web;

namespace Sluice.Engine.Secrets;

/// <summary>
/// Lists the spellings of a secret that expressions, nodes and servers produce: plain, JSON, URL, form, HTML, XML, hexadecimal, base64.
/// </summary>
internal static class SecretSpellings
{
    /// <summary>Returns the distinct spellings of a value, including the value itself, each with the name that journals use.</summary>
    public static IEnumerable<(string Name, string Text)> Of(string value) => All(value).DistinctBy(spelling => spelling.Text, StringComparer.Ordinal);

    /// <summary>Returns a value in the spelling with this name; null if this version does not know the name.</summary>
    public static string? Find(string value, string name) => All(value).FirstOrDefault(spelling => spelling.Name == name).Text;

    private static IEnumerable<(string Name, string Text)> All(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return new[] { ("plain", value), ("hex", Convert.ToHexStringLower(bytes)), ("hex_upper", Convert.ToHexString(bytes)) }
            .Concat(Json(value)).Concat(Url(value)).Concat(Markup(value)).Concat(Base64(bytes));
    }

    // JSON inside a JSON string has its escapes escaped again.
    private static IEnumerable<(string Name, string Text)> Json(string value)
    {
        var minimal = JsonMinimal(value);
        return
        [
            ("json", minimal), ("json_twice", JsonMinimal(minimal)),
            ("json_relaxed", JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)),
            ("json_relaxed_twice", JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(minimal)),
            ("json_ascii", JavaScriptEncoder.Default.Encode(value)), ("json_ascii_twice", JavaScriptEncoder.Default.Encode(JavaScriptEncoder.Default.Encode(value))),
        ];
    }

    /// <summary>Escapes a string like JavaScript's JSON.stringify: only what JSON requires.</summary>
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

    private static IEnumerable<(string Name, string Text)> Url(string value)
    {
        var escaped = Uri.EscapeDataString(value);
        // The characters that JavaScript's encodeURIComponent keeps although RFC 3986 reserves them.
        var component = escaped.Replace("%21", "!", StringComparison.Ordinal).Replace("%27", "'", StringComparison.Ordinal)
            .Replace("%28", "(", StringComparison.Ordinal).Replace("%29", ")", StringComparison.Ordinal).Replace("%2A", "*", StringComparison.Ordinal);
        return
        [
            ("url", escaped), ("url_component", component), ("url_plus", escaped.Replace("%20", "+", StringComparison.Ordinal)),
            ("form", WebUtility.UrlEncode(value)), ("form_lower", HttpUtility.UrlEncode(value)),
        ];
    }

    private static IEnumerable<(string Name, string Text)> Markup(string value) =>
        [("html", WebUtility.HtmlEncode(value)), ("html_hex", HtmlEncoder.Default.Encode(value)), ("xml", SecurityElement.Escape(value)!)];

    // A secret inside a longer string, such as user:password, starts at any of the three positions of a base64 group. Characters that also
    // depend on the surrounding text are not part of the pattern, and stay.
    private static IEnumerable<(string Name, string Text)> Base64(byte[] bytes)
    {
        yield return ("base64", Convert.ToBase64String(bytes));
        yield return ("base64url", Base64Url.EncodeToString(bytes));
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var first = before == 0 ? 0 : before + 1;
            var last = (before + bytes.Length) * 8 / 6;
            var own = last > first ? whole[first..last] : "";
            yield return ($"base64_{before}", own);
            yield return ($"base64url_{before}", own.Replace('+', '-').Replace('/', '_'));
        }
    }
}
