using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>Says to browsers which pages may call a webhook: the CORS protocol of the Fetch standard, by ASP.NET Core's own service.</summary>
internal sealed class Cors(ILoggerFactory loggers)
{
    private readonly CorsService _service = new(Options.Create(new CorsOptions()), loggers);
    private readonly ConditionalWeakTable<CorsSettings, CorsPolicy> _policies = [];

    /// <summary>The method that a preflight asks leave for; null where the request is no preflight.</summary>
    public static string? MethodOfPreflight(HttpRequest request) =>
        request.Headers.Origin.Count == 1 && request.Headers.AccessControlRequestMethod is [{ Length: > 0 } method] ? method : null;

    /// <summary>Whether a header of a reply is the trigger's to say, not the reply's.</summary>
    public static bool IsSaid(HttpContext http, string header) =>
        header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase) && http.Features.Get<CorsSettings>() is not null;

    /// <summary>Lets the page that sends a request read its answer, whatever that will be; no effect where its origin is not allowed.</summary>
    public void Allow(HttpContext http, CorsSettings settings)
    {
        http.Features.Set(settings);
        var policy = _policies.GetValue(settings, PolicyOf);
        if (http.Request.Headers.Origin.Count > 0)
        {
            _service.ApplyResult(_service.EvaluatePolicy(http, policy), http.Response);
        }

        // To those without an origin too: a cache must not give their answer to a page (Fetch standard, section 3.3.5).
        if (!policy.AllowAnyOrigin && !http.Response.Headers.Vary.Contains(HeaderNames.Origin))
        {
            http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        }
    }

    /// <summary>The answer to a preflight. It has no headers of the protocol where the origin is not allowed: that is how a browser is told no.</summary>
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
