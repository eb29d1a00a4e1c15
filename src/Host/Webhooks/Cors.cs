using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>
/// Tells browsers which pages may call a webhook: the CORS protocol of the Fetch standard, through ASP.NET Core's own service.
/// </summary>
internal sealed class Cors(ILoggerFactory loggers)
{
    private readonly CorsService _service = new(Options.Create(new CorsOptions()), loggers);
    private readonly ConditionalWeakTable<CorsSettings, CorsPolicy> _policies = [];

    /// <summary>Gets the method that a preflight requests; null if the request is not a preflight.</summary>
    public static string? MethodOfPreflight(HttpRequest request) =>
        request.Headers.Origin.Count == 1 && request.Headers.AccessControlRequestMethod is [{ Length: > 0 } method] ? method : null;

    /// <summary>Whether the trigger sets a header, so that a reply must not.</summary>
    public static bool IsSaid(HttpContext http, string header) =>
        header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase) && http.Features.Get<CorsSettings>() is not null;

    /// <summary>Lets the page that sent a request read its response; no effect if its origin is not allowed.</summary>
    public void Allow(HttpContext http, CorsSettings settings)
    {
        http.Features.Set(settings);
        var policy = _policies.GetValue(settings, PolicyOf);
        if (http.Request.Headers.Origin.Count > 0)
        {
            _service.ApplyResult(_service.EvaluatePolicy(http, policy), http.Response);
        }

        // Also for requests without an origin: a cache must not serve their response to a page (Fetch standard, section 3.3.5).
        if (!policy.AllowAnyOrigin && !http.Response.Headers.Vary.Contains(HeaderNames.Origin))
        {
            http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        }
    }

    /// <summary>
    /// Creates the response to a preflight. Without CORS headers if the origin is not allowed: browsers treat that as a rejection.
    /// </summary>
    public IEarlyAnswer Preflight(CorsSettings settings) => new PreflightAnswer(this, settings);

    private static CorsPolicy PolicyOf(CorsSettings settings)
    {
        var policy = new CorsPolicyBuilder()
            .WithOrigins([.. settings.Origins])
            .WithMethods([.. settings.Methods])
            .WithHeaders([.. settings.Headers])
            .WithExposedHeaders([.. settings.Expose]);
        if (settings.Credentials)
        {
            policy.AllowCredentials();
        }

        if (settings.MaxAge is { } age)
        {
            policy.SetPreflightMaxAge(age);
        }

        return policy.Build();
    }

    private sealed class PreflightAnswer(Cors cors, CorsSettings settings) : IEarlyAnswer
    {
        public Task WriteAsync(HttpContext http)
        {
            cors.Allow(http, settings);
            return EmptyAnswer.NoContent.WriteAsync(http);
        }
    }
}
