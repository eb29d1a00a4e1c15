using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Api;

/// <summary>
/// Keeps strangers out of the admin API. With a key, only requests that carry it come in. Without one, only programs on this machine do, which the
/// guard tells by the connection and by what neither a proxy nor a web page could leave out.
/// </summary>
internal sealed class AdminGuard(string? apiKey)
{
    public static readonly HttpProblem NoKey = new(401, "no-api-key", "An API key is needed", "Send it as \"Authorization: Bearer KEY\".");

    public static readonly HttpProblem NotLocal = Foreign("The request does not come directly from a program on this machine.");

    private static readonly HttpProblem OtherMachine = Foreign("The request comes from another machine.");
    private static readonly HttpProblem OtherHost = Foreign("The Host header is not a loopback address.");
    private static readonly HttpProblem Forwarded = Foreign("The request was forwarded by a proxy.");
    private static readonly HttpProblem OtherSite = Foreign("The request was sent by a web page of another origin.");

    // A proxy on this machine connects from loopback and may name a loopback host: what gives it away is what it says of the caller.
    private static readonly string[] ForwardingHeaders = ["Forwarded", "Via", "CDN-Loop", "X-Rewrite-URL"];
    private static readonly string[] ForwardingPrefixes = ["X-Forwarded", "X-Original-", "X-Envoy-"];
    private static readonly string[] ForwardingSuffixes = ["Client-IP", "ClientIP", "Real-IP", "Connecting-IP"];

    private readonly byte[]? _key = apiKey is null ? null : Encoding.UTF8.GetBytes(apiKey);

    /// <summary>Null if the request may pass, else what it is answered.</summary>
    public HttpProblem? Refuse(HttpContext http) => _key switch
    {
        null => RefuseForeign(http),
        { } key when AuthorizationHeader.Credentials(http.Request.Headers.Authorization, "Bearer") is { } given && CryptographicOperations.FixedTimeEquals(key, Encoding.UTF8.GetBytes(given)) => null,
        _ => NoKey,
    };

    private static HttpProblem? RefuseForeign(HttpContext http)
    {
        var request = http.Request;
        return !IsLocal(http.Connection.RemoteIpAddress) ? OtherMachine
            : !IsLoopbackName(request.Host.Host) ? OtherHost
            : request.Headers.Any(header => IsForwarding(header.Key)) ? Forwarded
            : IsOfAnotherOrigin(request) ? OtherSite
            : null;
    }

    // A Unix socket has no address.
    private static bool IsLocal(IPAddress? remote) =>
        remote is null || IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote);

    // A page can have its own name resolve to loopback (DNS rebinding); the browser then sends that name. A request without a Host is no browser's.
    private static bool IsLoopbackName(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsForwarding(string header) =>
        ForwardingHeaders.Contains(header, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(ForwardingPrefixes, prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || Array.Exists(ForwardingSuffixes, suffix => header.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    // Another port is another origin: a page that a webhook replied with is not the admin API's, although browsers call it the same site.
    private static bool IsOfAnotherOrigin(HttpRequest request) =>
        (request.Headers.TryGetValue("Origin", out var origin) && origin.ToString() != $"{request.Scheme}://{request.Host}")
        || (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none"));

    private static HttpProblem Foreign(string what) => new(403, "not-local", "Not from here",
        $"{what} Without an API key the admin API serves only programs on this machine. Call it at a loopback address, or set Admin:ApiKey and send the key.");
}
