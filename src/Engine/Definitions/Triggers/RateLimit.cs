namespace Sluice.Engine.Definitions.Triggers;

/// <summary>The rate limit of a webhook: a burst of this many requests, refilled evenly over each period.</summary>
/// <param name="Requests">The number of requests.</param>
/// <param name="Per">The period.</param>
/// <param name="By">The key by which callers are counted separately; null to count all of them together.</param>
internal sealed record RateLimit(int Requests, TimeSpan Per, RateLimitKey? By);

/// <summary>
/// The key that distinguishes callers: the remote address, a header, a path parameter, or the identity that <c>auth</c> verifies.
/// </summary>
/// <param name="Source">Where the key is read.</param>
/// <param name="Name">The header's name in lowercase, or the parameter's name; otherwise empty.</param>
internal sealed record RateLimitKey(RateLimitSource Source, string Name);

/// <summary>Where a request's <see cref="RateLimitKey"/> is read.</summary>
internal enum RateLimitSource
{
    RemoteIp,
    Header,
    Parameter,
    Identity,
}
