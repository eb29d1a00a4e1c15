namespace Sluice.Host.Webhooks.Rejections;

/// <summary>Why a request was rejected; shown to the operator, but not to the caller.</summary>
internal enum RejectionReason
{
    /// <summary>Its address is not allowed by the workflow.</summary>
    AddressNotAllowed,

    /// <summary>It has no credentials.</summary>
    MissingCredentials,

    /// <summary>Its credentials do not have the form of the scheme.</summary>
    MalformedCredentials,

    /// <summary>Its user, password, key or token is wrong.</summary>
    WrongCredentials,

    /// <summary>Its signature matches no live secret or key.</summary>
    WrongSignature,

    /// <summary>Its timestamp, or that of its token, is too far from the host's clock.</summary>
    StaleTimestamp,

    /// <summary>Its sender is verified, but lacks permission.</summary>
    NotPermitted,

    /// <summary>The host cannot verify it: a secret is empty, or the sender's keys are unavailable.</summary>
    NotVerifiable,
}

/// <summary>The names of <see cref="RejectionReason"/>.</summary>
internal static class RejectionReasons
{
    private static readonly string[] Names = [.. Enum.GetNames<RejectionReason>().Select(name => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name))];

    public static int Count => Names.Length;

    /// <summary>Gets the name in kebab-case: <c>wrong-signature</c>.</summary>
    public static string Name(this RejectionReason reason) => Names[(int)reason];
}
