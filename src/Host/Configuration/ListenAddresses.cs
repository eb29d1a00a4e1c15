using System.Net;

namespace Sluice.Host.Configuration;

/// <summary>Validates the addresses of the public and the admin listener.</summary>
internal static class ListenAddresses
{
    private const string Form = "write it as http://127.0.0.1:5180, or http://unix:/run/sluice.sock";

    public static IEnumerable<string> Wrong(SluiceOptions options)
    {
        var (webhooks, admin) = (Read(options.Urls), Read(options.Admin.Urls));
        foreach (var wrong in Wrong("Urls", webhooks).Concat(Wrong("Admin:Urls", admin)))
        {
            yield return wrong;
        }

        if (options.Admin.ApiKey is null && admin.Any(url => url.Address is { } address && !IsLocal(address)))
        {
            yield return $"Admin:Urls is {options.Admin.Urls}, which other machines can reach, and the admin API has no key. "
                + "Set Admin:ApiKey (SLUICE__ADMIN__APIKEY), or listen on 127.0.0.1.";
        }

        foreach (var (text, _) in admin.Where(url => webhooks.Any(other => Overlap(url.Address, other.Address))))
        {
            yield return $"Urls ({options.Urls}) and Admin:Urls ({text}) share an address; webhooks and the admin API never do. "
                + "Give one of them another port (--urls, --admin-urls).";
        }
    }

    private static (string Text, BindingAddress? Address)[] Read(string urls) => [.. urls.Split(';').Select(url => (url, Parse(url)))];

    private static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Host.Length: > 0 } address ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Wrong(string key, (string Text, BindingAddress? Address)[] urls)
    {
        foreach (var (text, address) in urls)
        {
            if (address is null || address.Scheme.ToUpperInvariant() is not ("HTTP" or "HTTPS"))
            {
                yield return $"{key} holds \"{text}\", which is not an address; {Form}.";
            }
            else if (address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            {
                yield return $"{key} holds \"{text}\": the host speaks plain HTTP. Listen on http, and let a proxy in front of it terminate TLS.";
            }
            else if (address.Port is < 0 or > IPEndPoint.MaxPort)
            {
                yield return $"{key} holds \"{text}\": a port is a number from 0 to {IPEndPoint.MaxPort}.";
            }
            else if (address.PathBase.Length > 0)
            {
                yield return $"{key} holds \"{text}\": an address to listen on has no path. Remove {address.PathBase}.";
            }
            else if (IsLocalhost(address) && address.Port == 0)
            {
                yield return $"{key} holds \"{text}\": localhost is two addresses, which can't share a free port. Use 127.0.0.1 instead.";
            }
        }
    }

    // Kestrel listens on all addresses for any name but localhost, so a name that resolves to loopback is not local.
    private static bool IsLocal(BindingAddress address) =>
        IsPipe(address) || IsLocalhost(address) || (IpOf(address) is { } ip && IPAddress.IsLoopback(ip));

    // Port 0 selects a separate free port for each listener.
    private static bool Overlap(BindingAddress? one, BindingAddress? other)
    {
        if (one is null || other is null || IsPipe(one) || IsPipe(other))
        {
            return one is not null && other is not null && one.Host == other.Host && one.Port == other.Port && IsPipe(one) && IsPipe(other);
        }

        return one.Port == other.Port && one.Port != 0
            && (IsAny(one) || IsAny(other) || Equals(IpOf(one), IpOf(other)) || (IsLocalhost(one) && IsLocal(other)) || (IsLocalhost(other) && IsLocal(one)));
    }

    private static bool IsPipe(BindingAddress address) => address.IsUnixPipe || address.IsNamedPipe;

    private static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsAny(BindingAddress address) =>
        !IsLocalhost(address) && (IpOf(address) is not { } ip || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));

    private static IPAddress? IpOf(BindingAddress address) => IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : null;
}
