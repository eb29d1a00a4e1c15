using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>The settings of a scheme, with everything that the host derives from them.</summary>
internal abstract record SchemeSettings : WebhookAuth
{
    /// <summary>Creates the verifier of a workflow with these settings.</summary>
    public abstract IVerifier CreateVerifier(VerifierContext context);

    /// <summary>How API descriptions present the credentials; null if they are in the body, for which OpenAPI has no scheme.</summary>
    public abstract CredentialDescription? Describe();

    /// <summary>Whether a verified sender can still be rejected for lack of permission (403).</summary>
    public virtual bool CanForbid => false;
}

/// <summary>The dependencies of verifiers.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Secrets">The values of the secrets that settings name.</param>
/// <param name="Freshness">Checks the age of requests.</param>
/// <param name="PublicUrl">The address that callers use for the host; null if it is the address of the request.</param>
/// <param name="KeySets">Loads public keys.</param>
/// <param name="Time">The host's clock.</param>
/// <param name="Log">Receives problems that occur between requests.</param>
internal sealed record VerifierContext(
    string Workflow, ISecrets Secrets, Freshness Freshness, Uri? PublicUrl, KeySetLoader KeySets, TimeProvider Time, ILogger Log);

/// <summary>Where the credentials of a request are, in the terms of OpenAPI: an HTTP authentication scheme, or a header.</summary>
internal sealed record CredentialDescription
{
    /// <summary>The HTTP authentication scheme: <c>basic</c> or <c>bearer</c>; null for a header.</summary>
    public string? Scheme { get; private init; }

    /// <summary>The header; null for an HTTP authentication scheme.</summary>
    public string? Header { get; private init; }

    /// <summary>The format of a bearer token; null if it has none.</summary>
    public string? Format { get; private init; }

    public required string Text { get; init; }

    public static CredentialDescription OfHttp(string scheme, string text, string? format = null) => new() { Scheme = scheme, Text = text, Format = format };

    public static CredentialDescription InHeader(string header, string text) => new() { Header = header, Text = text };
}
