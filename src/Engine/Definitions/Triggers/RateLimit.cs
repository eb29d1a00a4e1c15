namespace Sluice.Engine.Definitions.Triggers;

/// <summary>How many requests a webhook takes: as many at once, and then as many again spread over each such time.</summary>
/// <param name="Requests">How many requests.</param>
/// <param name="Per">In how long a time.</param>
/// <param name="By">What tells callers apart who are counted for themselves; null where all are counted together.</param>
internal sealed record RateLimit(int Requests, TimeSpan Per, RateLimitKey? By);

/// <summary>What tells callers apart: the remote address, a header, a parameter of the path, or the identity that <c>auth</c> verifies.</summary>
/// <param name="Source">Where it is read.</param>
/// <param name="Name">The header's name in lower case, or the parameter's; empty for the others.</param>
internal sealed record RateLimitKey(RateLimitSource Source, string Name);

/// <summary>Where a request's <see cref="RateLimitKey"/> is read.</summary>
internal enum RateLimitSource
{
    RemoteIp,
    Header,
    Parameter,
    Identity,
}
