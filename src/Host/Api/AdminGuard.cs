using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Api;

/// <summary>
/// Protects the admin API. With a key, only requests that carry it pass. Without a key, only programs on this machine pass: the guard
/// checks the connection, and headers that every proxy or web page sends.
/// </summary>
internal sealed class AdminGuard(string? apiKey)
{
    public static readonly HttpProblem NoKey = new(401, "no-api-key", "API key required", "Send it as \"Authorization: Bearer KEY\".");

    public static readonly HttpProblem NotLocal = Foreign("The request does not come directly from a program on this machine.");

    private static readonly HttpProblem OtherMachine = Foreign("The request comes from another machine.");
    private static readonly HttpProblem OtherHost = Foreign("The Host header is not a loopback address.");
    private static readonly HttpProblem Forwarded = Foreign("The request was forwarded by a proxy.");
    private static readonly HttpProblem OtherSite = Foreign("The request was sent by a web page of another origin.");

    // A proxy on this machine connects from loopback and may send a loopback host name; its forwarding headers give it away.
    private static readonly string[] ForwardingHeaders = ["Forwarded", "Via", "CDN-Loop", "X-Rewrite-URL"];
    private static readonly string[] ForwardingPrefixes = ["X-Forwarded", "X-Original-", "X-Envoy-"];
    private static readonly string[] ForwardingSuffixes = ["Client-IP", "ClientIP", "Real-IP", "Connecting-IP"];

    private readonly byte[]? _key = apiKey is null ? null : Encoding.UTF8.GetBytes(apiKey);

    /// <summary>Checks a request; null if it may pass, otherwise the problem to respond with.</summary>
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

    // A page can make its own name resolve to loopback (DNS rebinding); the browser then sends that name. Browsers always send a Host.
    private static bool IsLoopbackName(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsForwarding(string header) =>
        ForwardingHeaders.Contains(header, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(ForwardingPrefixes, prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || Array.Exists(ForwardingSuffixes, suffix => header.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    // Another port is another origin. Browsers call it the same site, but a page that a webhook replied with is not the admin API's.
    private static bool IsOfAnotherOrigin(HttpRequest request) =>
        (request.Headers.TryGetValue("Origin", out var origin) && origin.ToString() != $"{request.Scheme}://{request.Host}")
        || (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none"));

    private static HttpProblem Foreign(string what) => new(403, "not-local", "Local access only",
        $"{what} Without an API key the admin API serves only programs on this machine. Call it at a loopback address, or set Admin:ApiKey and send the key.");
}
