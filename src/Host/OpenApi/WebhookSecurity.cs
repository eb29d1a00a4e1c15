using Microsoft.OpenApi;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.OpenApi;

/// <summary>
/// How a webhook's requests prove who sent them, as OpenAPI says it. It knows user and password, tokens and keys; a signature is described as the header
/// that it stands in.
/// </summary>
internal static class WebhookSecurity
{
    /// <summary>Adds the scheme under the workflow's name, since each workflow has secrets of its own, and gives the requirement.</summary>
    public static OpenApiSecurityRequirement AddTo(OpenApiDocument document, string workflow, WebhookAuth auth)
    {
        document.AddComponent<IOpenApiSecurityScheme>(workflow, Of(auth));
        return new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(workflow, document)] = [] };
    }

    private static OpenApiSecurityScheme Of(WebhookAuth auth) => auth switch
    {
        BasicAuth => Http("basic", "A user name and a password (RFC 7617)."),
        JwtAuth jwt => Http("bearer", Describe(jwt), "JWT"),
        KeyAuth key when IsBearer(key) => Http("bearer", "A key."),
        KeyAuth key => Header(key.Header, key.Prefix.Length == 0 ? "A key." : $"`{key.Prefix}`, and then a key."),
        HmacAuth hmac => Header(hmac.Header, Describe(hmac)),
        StripeAuth => Header("Stripe-Signature", "A signature as Stripe makes it."),
        StandardWebhooksAuth => Header("webhook-signature", "A signature of Standard Webhooks, with `webhook-id` and `webhook-timestamp`."),
        TwilioAuth => Header("X-Twilio-Signature", "A signature as Twilio makes it."),
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

    private static string Describe(HmacAuth hmac)
    {
        var prefix = hmac.Prefix.Length == 0 ? "" : $", after `{hmac.Prefix}`";
        var time = hmac.TimestampHeader is null ? "" : $" The time of sending is in `{hmac.TimestampHeader}`.";
        return $"An HMAC with {hmac.Algorithm.ToUpperInvariant()} as {hmac.Encoding}{prefix}.{time}";
    }

    private static OpenApiSecurityScheme Http(string scheme, string description, string? format = null) =>
        new() { Type = SecuritySchemeType.Http, Scheme = scheme, BearerFormat = format, Description = description };

    private static OpenApiSecurityScheme Header(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = name, Description = description };
}
