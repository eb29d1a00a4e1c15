using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>
/// Keeps strangers out of the admin routes: with a key, whoever carries it comes in; without one, only programs on this machine, which the host
/// makes sure of by listening on loopback alone and by refusing what a web page could have sent.
/// </summary>
internal sealed class AdminGuard(string? apiKey)
{
    public static readonly HttpProblem NoKey = new(401, "no-api-key", "An API key is needed", "Send it as \"Authorization: Bearer KEY\".");

    public static readonly HttpProblem NotLocal = new(403, "not-local", "Not from here",
        "Without an API key the admin routes serve only requests to a loopback name, and none from a web page. Set Admin:ApiKey to use them otherwise.");

    private readonly byte[]? _key = apiKey is null ? null : Encoding.UTF8.GetBytes($"Bearer {apiKey}");

    /// <summary>Null where the request may pass, else what it is told.</summary>
    public HttpProblem? Refuse(HttpContext http) => _key switch
    {
        null when IsLocal(http.Request) => null,
        null => NotLocal,
        { } key when CryptographicOperations.FixedTimeEquals(key, Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString())) => null,
        _ => NoKey,
    };

    // A page in a browser on this machine can reach loopback too, by its own name for it (DNS rebinding) or blindly (a cross-site POST):
    // the first has another Host, the second an Origin.
    private static bool IsLocal(HttpRequest request)
    {
        var host = request.Host.Host;
        var isLoopback = host is "localhost" or "" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        return isLoopback && (!request.Headers.TryGetValue("Origin", out var origin) || origin.ToString() == $"{request.Scheme}://{request.Host}");
    }
}
