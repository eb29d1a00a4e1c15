using System.Net;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Webhooks;

/// <summary>
/// Determines the address that a request comes from. Entries in a header count only as far as trusted proxies wrote them: they are read
/// from the last one, as long as the writer is trusted.
/// </summary>
/// <param name="trusted">The trusted proxies.</param>
/// <param name="header"><c>X-Forwarded-For</c>, or <c>Forwarded</c> (RFC 7239).</param>
internal sealed class ClientAddress(IReadOnlyList<IPNetwork> trusted, string header)
{
    private readonly bool _isForwarded = header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the caller's address; null if a trusted proxy does not know it, and then it is in no network.</summary>
    public IPAddress? Of(IPAddress? connection, IHeaderDictionary headers)
    {
        var address = Plain(connection);
        if (trusted.Count == 0 || !IsTrusted(address) || !headers.TryGetValue(header, out var values))
        {
            return address;
        }

        var entries = Entries(values.ToString());
        for (var last = entries.Count - 1; last >= 0 && IsTrusted(address); last--)
        {
            address = Plain(Parse(_isForwarded ? For(entries[last]) : entries[last]));
        }

        return address;
    }

    private bool IsTrusted(IPAddress? address) => address is not null && trusted.Any(network => network.Contains(address));

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    // Commas within quotes do not separate (RFC 9110, section 5.6.4).
    private static List<string> Entries(string text)
    {
        var entries = new List<string>();
        var (start, isQuoted) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && !isQuoted))
            {
                entries.Add(text[start..i].Trim());
                start = i + 1;
            }
            else if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
        }

        return entries;
    }

    private static string? For(string element) => element.Split(';')
        .Select(pair => pair.Trim())
        .FirstOrDefault(pair => pair.StartsWith("for=", StringComparison.OrdinalIgnoreCase))?[4..].Trim('"');

    // With or without a port; an IPv6 address with a port is in brackets.
    private static IPAddress? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var host = text switch
        {
            ['[', ..] => text.IndexOf(']', StringComparison.Ordinal) is var end and > 0 ? text[1..end] : "",
            _ when text.Count(':') == 1 => text[..text.IndexOf(':', StringComparison.Ordinal)],
            _ => text,
        };
        return AddressText.TryParse(host, out var address) ? address : null;
    }
}
