namespace Sluice.Host.Webhooks.Rejections;

/// <summary>Why a request was refused, as the operator is told; the caller is not.</summary>
internal enum RejectionReason
{
    /// <summary>It came from an address that the workflow does not allow.</summary>
    AddressNotAllowed,

    /// <summary>It carried nothing to prove itself with.</summary>
    MissingCredentials,

    /// <summary>What it carried is not of the form that the scheme has.</summary>
    MalformedCredentials,

    /// <summary>A wrong user, password, key or token.</summary>
    WrongCredentials,

    /// <summary>No live secret or key makes the signature that it carried.</summary>
    WrongSignature,

    /// <summary>Its time, or its token's, is too far from now.</summary>
    StaleTimestamp,

    /// <summary>It proved who sent it, and that one may not.</summary>
    NotPermitted,

    /// <summary>The host could not tell: a secret is empty, or the sender's keys can't be had.</summary>
    NotVerifiable,
}

/// <summary>The words for <see cref="RejectionReason"/>.</summary>
internal static class RejectionReasons
{
    private static readonly string[] Names = [.. Enum.GetNames<RejectionReason>().Select(name => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name))];

    public static int Count => Names.Length;

    /// <summary>Kebab-case: <c>wrong-signature</c>.</summary>
    public static string Name(this RejectionReason reason) => Names[(int)reason];
}
