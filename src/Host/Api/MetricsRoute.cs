using System.Globalization;
using System.Text;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Storage;
using Sluice.Host.Listening;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Api;

/// <summary><c>GET /metrics</c>: what a Prometheus server scrapes (text format 0.0.4).</summary>
internal static class MetricsRoute
{
    public static void Map(IEndpointRouteBuilder routes, IServiceProvider services, ListenerConnections connections) =>
        routes.MapGet("/metrics", () => Results.Text(Write(services, connections), "text/plain; version=0.0.4"))
            .WithName("metrics").WithSummary("Get metrics in the Prometheus text format")
            .Produces<string>(200, "text/plain");

    private static string Write(IServiceProvider services, ListenerConnections connections)
    {
        var (runner, plugins) = (services.GetRequiredService<Runner>(), services.GetRequiredService<PluginHost>());
        var text = new StringBuilder();
        Counter(text, "sluice_webhook_answers_total", "Requests to webhooks, by response status.",
            services.GetRequiredService<WebhookEndpoint>().Answers.Select(answer => ($"status=\"{answer.Status}\"", answer.Count)));
        Counter(text, "sluice_webhook_refusals_total", "Requests to webhooks that were rejected before a run, by reason.",
            services.GetRequiredService<RefusalLog>().Counts.Select(refused => ($"reason=\"{refused.Reason.Name()}\"", refused.Count)));
        Counter(text, "sluice_runs_ended_total", "Runs that ended, by status.", runner.Ended.Select(ended => ($"status=\"{ended.Status.ToString().ToLowerInvariant()}\"", ended.Count)));
        Counter(text, "sluice_runs_deleted_total", "Deleted runs, by the retention bound that they exceeded.",
            services.GetRequiredService<RetentionSweep>().Deleted.Select(deleted => ($"bound=\"{deleted.Bound}\"", deleted.Count)));
        Gauge(text, "sluice_runs_active", "Active runs.", [("", runner.ActiveCount)]);
        Gauge(text, "sluice_runs_queued", "Runs that wait in the journal to become active.", [("", runner.Backlog.Count)]);
        Gauge(text, "sluice_runs_quarantined", "Quarantined runs: their host crashed three times at the same step.", [("", services.GetRequiredService<RunRecovery>().QuarantinedCount)]);
        Gauge(text, "sluice_body_bytes", "Memory of the parsed bodies of incoming requests and active runs, in bytes.", [("", services.GetRequiredService<BodyMemory>().Held)]);
        Gauge(text, "sluice_pool_threads", "Threads of the pool; many more than processors if nodes block.", [("", ThreadPool.ThreadCount)]);
        Gauge(text, "sluice_callers_waiting", "Callers that wait for a reply.", [("", services.GetRequiredService<ResponderRegistry>().Count)]);
        Gauge(text, "sluice_connections", "Open connections, by listener.",
            [("listener=\"webhooks\"", connections.Webhooks.Count), ("listener=\"admin\"", connections.Admin.Count)]);
        Counter(text, "sluice_connections_closed_total", "Idle connections that were closed for new ones, by listener.",
            [("listener=\"webhooks\"", connections.Webhooks.Closed), ("listener=\"admin\"", connections.Admin.Closed)]);
        Counter(text, "sluice_connections_refused_total", "Connections that were rejected with 503, by listener.",
            [("listener=\"webhooks\"", connections.Webhooks.Refused), ("listener=\"admin\"", connections.Admin.Refused)]);
        Gauge(text, "sluice_journal_writable", "1 while the journal can be written.", [("", services.GetRequiredService<IStorage>().Queue.IsWritable ? 1 : 0)]);
        Gauge(text, "sluice_journal_lost", "1 while files of the journal are deleted, replaced or damaged.", [("", services.GetRequiredService<IStorage>().Queue.IsLost ? 1 : 0)]);
        Gauge(text, "sluice_plugins", "Plugins, by state.", Enum.GetValues<PluginState>().Select(state =>
            ($"state=\"{state.ToString().ToLowerInvariant()}\"", (long)plugins.Plugins.Count(plugin => plugin.State == state))));
        Counter(text, "sluice_plugin_swaps_total", "Plugin versions that replaced an older one.", [("", plugins.Swaps)]);
        Counter(text, "sluice_plugin_unloads_total", "Unloaded plugin versions, by whether their memory was freed.",
            [("result=\"unloaded\"", plugins.Unloaded), ("result=\"leaking\"", plugins.Leaked)]);
        Gauge(text, "sluice_plugin_calls_written_off",
            "Abandoned calls of plugin code that have not returned. Each holds its plugin in memory, and most hold a thread.", [("", plugins.WrittenOff)]);
        Gauge(text, "sluice_plugin_management_stuck", "1 while a plugin change far exceeds its deadline.", [("", plugins.IsStuck ? 1 : 0)]);
        Gauge(text, "sluice_workflows_held", "Held workflows: they wait for a plugin.", [("", services.GetRequiredService<WorkflowRegistry>().All().Count(workflow => workflow.Held is not null))]);
        return text.ToString();
    }

    private static void Counter(StringBuilder text, string name, string help, IEnumerable<(string Labels, long Value)> values) =>
        Family(text, name, "counter", help, values);

    private static void Gauge(StringBuilder text, string name, string help, IEnumerable<(string Labels, long Value)> values) =>
        Family(text, name, "gauge", help, values);

    private static void Family(StringBuilder text, string name, string type, string help, IEnumerable<(string Labels, long Value)> values)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in values)
        {
            var braces = labels.Length == 0 ? "" : $"{{{labels}}}";
            text.Append(CultureInfo.InvariantCulture, $"{name}{braces} {value}\n");
        }
    }
}
