using System.Text;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Has browsers save a body under a file name (RFC 6266), of any characters (RFC 8187).</summary>
internal static class Disposition
{
    public const string Header = "Content-Disposition";

    private const int LongestName = 255;

    public static IEnumerable<ConfigProblem> Problems(WebhookResponseConfig config)
    {
        if (config.Download is not { } name)
        {
            yield break;
        }

        if (name.Length is 0 or > LongestName || name is "." or ".." || name.Any(c => char.IsControl(c) || c is '/' or '\\'))
        {
            yield return new("download", $"It is a file's name of 1 to {LongestName} characters, without control characters, slashes and backslashes.");
        }

        if (config.Headers?.Keys.Any(header => header.Equals(Header, StringComparison.OrdinalIgnoreCase)) ?? false)
        {
            yield return new("headers", $"`download` sets {Header}; leave it out of the headers.");
        }
    }

    /// <summary>The value of the header. Where the plain form can't hold the name, it holds what comes near, for those who know no other (RFC 6266, appendix D).</summary>
    public static string Write(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            plain.Append(rune.IsAscii && rune.Value is not ('"' or '%') ? (char)rune.Value : '_');
        }

        return plain.ToString() == name
            ? $"attachment; filename=\"{name}\""
            : $"attachment; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
