using Microsoft.OpenApi;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.OpenApi;

/// <summary>Describes the authentication of a webhook in the terms of OpenAPI.</summary>
internal static class WebhookSecurity
{
    /// <summary>
    /// Adds a security scheme under the workflow's name, because each workflow has its own secrets, and returns the requirement. Null for a
    /// signature in the body, for which OpenAPI has no scheme.
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
