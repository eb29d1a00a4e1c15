using Microsoft.OpenApi;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.OpenApi;

/// <summary>
/// How a webhook's requests prove who sent them, as OpenAPI says it. It knows user and password, tokens and keys; a signature is described as the header
/// that it stands in.
/// </summary>
internal static class WebhookSecurity
{
    /// <summary>
    /// Adds the scheme under the workflow's name, since each workflow has secrets of its own, and gives the requirement. Null for a signature in the body,
    /// which OpenAPI has no scheme for.
    /// </summary>
    public static OpenApiSecurityRequirement? AddTo(OpenApiDocument document, string workflow, WebhookAuth auth)
    {
        if (Of(auth) is not { } scheme)
        {
            return null;
        }

        document.AddComponent<IOpenApiSecurityScheme>(workflow, scheme);
        return new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(workflow, document)] = [] };
    }

    private static OpenApiSecurityScheme? Of(WebhookAuth auth) => auth switch
    {
        BasicAuth => Http("basic", "A user name and a password (RFC 7617)."),
        JwtAuth jwt => Http("bearer", Describe(jwt), "JWT"),
        KeyAuth key when IsBearer(key) => Http("bearer", "A key."),
        KeyAuth key => Header(key.Header, key.Prefix.Length == 0 ? "A key." : $"`{key.Prefix}`, and then a key."),
        SignatureAuth signature => Header(signature.Header, Describe(signature)),
        StandardWebhooksAuth => Header("webhook-signature", "A signature of Standard Webhooks, with `webhook-id` and `webhook-timestamp`."),
        TwilioAuth => Header("X-Twilio-Signature", "A signature as Twilio makes it."),
        MailgunAuth or AdyenAuth => null,
        _ => throw new NotSupportedException($"{auth.GetType().Name} has no description."),
    };

    private static bool IsBearer(KeyAuth key) =>
        key.Header.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && key.Prefix.Trim().Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    private static string Describe(JwtAuth jwt)
    {
        var issuers = jwt.Issuers.IsEmpty ? "" : $", issued by {string.Join(" or ", jwt.Issuers)}";
        var audiences = jwt.Audiences.IsEmpty ? "" : $", for {string.Join(" or ", jwt.Audiences)}";
        return $"A token signed with {string.Join(" or ", jwt.Algorithms)}{issuers}{audiences}.";
    }

    private static string Describe(SignatureAuth signature)
    {
        var kind = signature switch
        {
            HmacAuth hmac => $"An HMAC with {hmac.Algorithm.ToUpperInvariant()}",
            { Algorithm: "ed25519" } => "A signature with Ed25519",
            _ => "A signature with ECDSA, P-256 and SHA-256,",
        };
        var prefix = signature switch
        {
            { Pattern: { TimePrefix: { } before } pattern } => $", in the form `{before}TIME{pattern.Separator}{pattern.SignaturePrefix}SIGNATURE`",
            { Pattern: { } pattern } => $", after `{pattern.SignaturePrefix}`",
            { Prefix.Length: 0 } => "",
            _ => $", after `{signature.Prefix}`",
        };
        var time = signature.TimestampHeader is null ? "" : $" The time of sending is in `{signature.TimestampHeader}`.";
        return $"{kind} as {signature.Encoding}{prefix}.{time}";
    }

    private static OpenApiSecurityScheme Http(string scheme, string description, string? format = null) =>
        new() { Type = SecuritySchemeType.Http, Scheme = scheme, BearerFormat = format, Description = description };

    private static OpenApiSecurityScheme Header(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = name, Description = description };
}
