using System.Text;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Makes browsers save a body under a file name (RFC 6266), which can contain any characters (RFC 8187).</summary>
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
            yield return new("download", $"The file name must have 1 to {LongestName} characters, without control characters, slashes and backslashes.");
        }

        if (config.Headers?.Keys.Any(header => header.Equals(Header, StringComparison.OrdinalIgnoreCase)) ?? false)
        {
            yield return new("headers", $"`download` sets {Header}. Remove it from `headers`.");
        }
    }

    /// <summary>Writes the value of the header. A name that is not plain ASCII is also given as an approximation for old clients (RFC 6266, appendix D).</summary>
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
