namespace Sluice.Host.Webhooks.Authentication;

/// <summary>How much of a webhook's authentication counts. A host that serves has <see cref="Full"/>, and no setting changes that.</summary>
internal enum AuthenticationRule
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>
    /// All but age and address: <c>sluice run</c> and <c>sluice dev</c> send requests that were recorded earlier, and come from no address.
    /// </summary>
    AnyAge,

    /// <summary>None of it: <c>sluice run --skip-auth</c>, for requests whose body was edited or whose credentials were masked.</summary>
    Off,
}
