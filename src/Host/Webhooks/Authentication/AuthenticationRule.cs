namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// How much of a webhook's authentication is checked. A serving host always uses <see cref="Full"/>; no setting changes that.
/// </summary>
internal enum AuthenticationRule
{
    /// <summary>Checks everything.</summary>
    Full,

    /// <summary>
    /// Checks everything but age and address: <c>sluice run</c> and <c>sluice dev</c> send requests that were recorded earlier and have no
    /// address.
    /// </summary>
    AnyAge,

    /// <summary>
    /// Checks nothing: <c>sluice run --skip-auth</c>, for requests whose body was edited or whose credentials were masked.
    /// </summary>
    Off,
}
