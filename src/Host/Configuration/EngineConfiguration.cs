using Sluice.Engine.Embedding;

namespace Sluice.Host.Configuration;

/// <summary>Translates the settings of the host to the settings of its engine.</summary>
internal static class EngineConfiguration
{
    public static void Apply(SluiceOptions options, SluiceEngineOptions engine)
    {
        engine.DataFolder = options.Data.Directory!;
        engine.AcceptLoss = options.Data.AcceptLoss;
        engine.WorkflowFolder = options.Workflows.Directory;
        engine.MaxRuns = options.Runs.Max;
        engine.MaxQueuedRuns = options.Runs.MaxQueued;
        engine.StepTimeout = TimeSpan.FromSeconds(options.Runs.StepTimeoutSeconds);
        engine.MaxOutputBytes = options.Runs.MaxOutputBytes;
        engine.MaxReplyBytes = options.Webhooks.MaxReplyBytes;
        engine.StopGrace = TimeSpan.FromSeconds(options.ShutdownGraceSeconds);
        engine.AllowPrivateAddresses = options.Http.AllowPrivate;
        foreach (var network in options.Http.Allow)
        {
            engine.AllowedNetworks.Add(network);
        }

        Apply(options.Plugins, engine);
        Apply(options.Retention, options.Blobs, engine);
    }

    private static void Apply(PluginOptions options, SluiceEngineOptions engine)
    {
        engine.PluginFolder = options.Directory!;
        engine.RequiresLock = options.RequireLock;
        engine.Isolation = IsolationConfiguration.Of(options);
        engine.PluginLoadTimeout = TimeSpan.FromSeconds(options.LoadTimeoutSeconds);
        engine.PluginRemovalGrace = TimeSpan.FromSeconds(options.RemovalGraceSeconds);
    }

    private static void Apply(RetentionOptions options, BlobOptions blobs, SluiceEngineOptions engine)
    {
        engine.RunRetention = options.Days > 0 ? TimeSpan.FromDays(options.Days) : null;
        engine.MaxKeptRuns = options.MaxRuns > 0 ? options.MaxRuns : null;
        engine.MaxJournalBytes = options.MaxBytes;
        engine.MaxVersions = options.MaxVersions;
        engine.MaxBlobBytes = blobs.MaxBytes;
        engine.BlobRetention = TimeSpan.FromHours(blobs.RetentionHours);
    }
}
