using Microsoft.OpenApi;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.OpenApi;

/// <summary>How a webhook's requests prove who sent them, as OpenAPI says it.</summary>
internal static class WebhookSecurity
{
    /// <summary>
    /// Adds the scheme under the workflow's name, since each workflow has secrets of its own, and gives the requirement. Null for a signature in the body,
    /// which OpenAPI has no scheme for.
    /// </summary>
    public static OpenApiSecurityRequirement? AddTo(OpenApiDocument document, string workflow, WebhookAuth auth)
    {
        if (((SchemeSettings)auth).Describe() is not { } credentials)
        {
            return null;
        }

        document.AddComponent<IOpenApiSecurityScheme>(workflow, Of(credentials));
        return new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(workflow, document)] = [] };
    }

    private static OpenApiSecurityScheme Of(CredentialDescription credentials) => credentials.Header is { } header
        ? new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = header, Description = credentials.Text }
        : new() { Type = SecuritySchemeType.Http, Scheme = credentials.Scheme, BearerFormat = credentials.Format, Description = credentials.Text };
}
