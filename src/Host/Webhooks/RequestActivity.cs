using System.Diagnostics;
using Sluice.Engine.Metrics;

namespace Sluice.Host.Webhooks;

/// <summary>
/// Creates the activity of a request to a webhook. Its parent is the web server's activity if it has a listener, otherwise the caller's
/// (W3C Trace Context).
/// </summary>
internal static class RequestActivity
{
    /// <summary>Starts the activity and makes it current; null if nobody listens.</summary>
    public static Activity? Start(HttpRequest request)
    {
        if (!EngineActivities.Source.HasListeners())
        {
            return null;
        }

        var activity = EngineActivities.Source.StartActivity("webhook", ActivityKind.Server, ParentOf(request));
        return activity?.SetTag("http.request.method", request.Method).SetTag("url.path", request.Path.Value);
    }

    private static ActivityContext ParentOf(HttpRequest request)
    {
        if (Activity.Current is { } current && current.Source.HasListeners())
        {
            return current.Context;
        }

        return ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent) ? parent : default;
    }
}
