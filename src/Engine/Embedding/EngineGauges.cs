using System.Diagnostics.Metrics;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Metrics;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Storage;

namespace Sluice.Engine.Embedding;

/// <summary>Creates the instruments that observe the counts which the parts of the engine keep anyway.</summary>
internal sealed class EngineGauges
{
    public EngineGauges(
        EngineMetrics metrics,
        Runner runner,
        RunRecovery recovery,
        ResponderRegistry responders,
        RetentionSweep retention,
        PluginHost plugins,
        WorkflowRegistry workflows,
        IStorage storage)
    {
        var meter = metrics.Meter;
        Create(meter, runner, recovery, responders, retention);
        Create(meter, plugins, workflows);
        meter.CreateObservableGauge("sluice.journal.writable", () => storage.Queue.IsWritable ? 1L : 0, null, "1 while the journal can be written.");
        meter.CreateObservableGauge("sluice.journal.lost", () => storage.Queue.IsLost ? 1L : 0, null, "1 while files of the journal are deleted, replaced or damaged.");
        meter.CreateObservableGauge("sluice.pool.threads", () => (long)ThreadPool.ThreadCount, null, "Threads of the pool; many more than processors if nodes block.");
    }

    private static void Create(Meter meter, Runner runner, RunRecovery recovery, ResponderRegistry responders, RetentionSweep retention)
    {
        meter.CreateObservableCounter(
            "sluice.runs.ended", () => runner.Ended.Select(ended => Tagged(ended.Count, "status", NameOf(ended.Status))), null, "Runs that ended, by status.");
        meter.CreateObservableCounter(
            "sluice.runs.deleted",
            () => retention.Deleted.Select(deleted => Tagged(deleted.Count, "bound", deleted.Bound)),
            null,
            "Deleted runs, by the retention bound that they exceeded.");
        meter.CreateObservableGauge("sluice.runs.active", () => (long)runner.ActiveCount, null, "Active runs.");
        meter.CreateObservableGauge("sluice.runs.queued", () => (long)runner.Backlog.Count, null, "Runs that wait in the journal to become active.");
        meter.CreateObservableGauge(
            "sluice.runs.quarantined", () => (long)recovery.QuarantinedCount, null, "Quarantined runs: their host crashed three times at the same step.");
        meter.CreateObservableGauge("sluice.callers.waiting", () => (long)responders.Count, null, "Callers that wait for a reply.");
    }

    private static void Create(Meter meter, PluginHost plugins, WorkflowRegistry workflows)
    {
        meter.CreateObservableGauge(
            "sluice.plugins",
            () => Enum.GetValues<PluginState>().Select(state => Tagged(plugins.Plugins.Count(plugin => plugin.State == state), "state", NameOf(state))),
            null,
            "Plugins, by state.");
        meter.CreateObservableCounter("sluice.plugin.swaps", () => plugins.Swaps, null, "Plugin versions that replaced an older one.");
        meter.CreateObservableCounter(
            "sluice.plugin.unloads",
            () => new[] { Tagged(plugins.Unloaded, "result", "unloaded"), Tagged(plugins.Leaked, "result", "leaking") },
            null,
            "Unloaded plugin versions, by whether their memory was freed.");
        meter.CreateObservableGauge(
            "sluice.plugin.calls_written_off",
            () => (long)plugins.WrittenOff,
            null,
            "Abandoned calls of plugin code that have not returned. Each holds its plugin in memory, and most hold a thread.");
        meter.CreateObservableGauge(
            "sluice.plugin.management_stuck", () => plugins.IsStuck ? 1L : 0, null, "1 while a plugin change far exceeds its deadline.");
        meter.CreateObservableGauge(
            "sluice.workflows.held", () => (long)workflows.All().Count(workflow => workflow.Held is not null), null, "Held workflows: they wait for a plugin.");
    }

    private static Measurement<long> Tagged(long value, string name, string tag) => new(value, new KeyValuePair<string, object?>(name, tag));

    private static string NameOf(Enum value) => value.ToString().ToLowerInvariant();
}
