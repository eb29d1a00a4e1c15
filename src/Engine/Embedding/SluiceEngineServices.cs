using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Engine.Blobs;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Metrics;
using Sluice.Engine.Outbound;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage;
using Sluice.Engine.Storage.Sqlite;

namespace Sluice.Engine.Embedding;

/// <summary>Registers the engine.</summary>
public static class SluiceEngineServices
{
    private const long UsualJournalBytes = 20L * 1024 * 1024 * 1024;

    /// <summary>
    /// Adds the engine to a generic host, which starts and stops it. Afterwards <see cref="IWorkflowEngine"/> can be injected. Invalid options stop the
    /// start with an <see cref="OptionsValidationException"/>.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options; the data folder and the plugin folder are required.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSluiceEngine(this IServiceCollection services, Action<SluiceEngineOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddLogging();
        services.AddOptions<SluiceEngineOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SluiceEngineOptions>, EngineOptionsCheck>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISecrets>(provider => new SecretValues(OptionsOf(provider).Secrets));
        services.AddSingleton<EngineMetrics>();
        services.AddSingleton<EngineGauges>();
        services.AddSingleton<EngineFoundation>();
        services.AddSingleton<EngineLifetime>();
        services.AddSingleton<IWorkflowEngine, WorkflowEngine>();
        services.AddHostedService<EngineService>();
        AddStorage(services);
        AddPublishing(services);
        AddExecution(services);
        return services;
    }

    private static void AddStorage(IServiceCollection services)
    {
        services.AddSingleton(provider => provider.GetRequiredService<EngineFoundation>().Storage);
        services.AddSingleton(provider => BlobStore.Open(OptionsOf(provider).DataFolder, OptionsOf(provider).MaxBlobBytes));
        services.AddSingleton(provider => new BlobSweep(
            provider.GetRequiredService<BlobStore>(), StorageOf(provider).Runs, OptionsOf(provider).BlobRetention, TimeOf(provider), LogOf<BlobSweep>(provider)));
        services.AddSingleton(provider => new ClaimSweep(StorageOf(provider).Runs, TimeOf(provider), LogOf<ClaimSweep>(provider)));
        services.AddSingleton(provider => new RetentionSweep(
            StorageOf(provider).Retention,
            RetentionOf(OptionsOf(provider)),
            OptionsOf(provider).MaxVersions,
            () => RetentionOf(provider.GetRequiredService<WorkflowRegistry>()),
            TimeOf(provider),
            LogOf<RetentionSweep>(provider)));
    }

    private static void AddPublishing(IServiceCollection services)
    {
        services.AddSingleton(provider => provider.GetRequiredService<EngineFoundation>().Plugins);
        services.TryAddSingleton(AuthSchemes.None);
        services.AddSingleton(provider => new WorkflowChecker(
            provider.GetRequiredService<PluginHost>().Catalog,
            () => provider.GetRequiredService<ISecrets>().Names,
            provider.GetRequiredService<AuthSchemes>()));
        services.AddSingleton(provider => new WorkflowRegistry(
            StorageOf(provider).Workflows, provider.GetRequiredService<WorkflowChecker>(), TimeOf(provider), LogOf<WorkflowRegistry>(provider)));
        services.AddSingleton(FoldersOf);
    }

    private static void AddExecution(IServiceCollection services)
    {
        services.AddSingleton(provider => new OutboundClient(
            new AddressGuard(OptionsOf(provider).AllowPrivateAddresses, OptionsOf(provider).AllowedNetworks.Select(network => IPNetwork.Parse(network)))));
        services.AddSingleton(ExecutionOf);
        services.AddSingleton<ResponderRegistry>();
        services.AddSingleton(provider => new StepRunner(
            provider.GetRequiredService<ExecutionOptions>(),
            StorageOf(provider).Runs,
            provider.GetRequiredService<OutboundClient>().Http,
            provider.GetRequiredService<ISecrets>(),
            provider.GetRequiredService<BlobStore>(),
            TimeOf(provider),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new Runner(
            StorageOf(provider).Queue,
            provider.GetRequiredService<ResponderRegistry>(),
            provider.GetRequiredService<StepRunner>(),
            provider.GetRequiredService<ISecrets>(),
            provider.GetRequiredService<ExecutionOptions>(),
            TimeOf(provider),
            LogOf<Runner>(provider)));
        services.AddSingleton<CallWatch>();
        services.AddSingleton(provider => new RunRecovery(
            StorageOf(provider).Runs,
            StorageOf(provider).Queue,
            provider.GetRequiredService<Runner>(),
            provider.GetRequiredService<WorkflowRegistry>(),
            provider.GetRequiredService<ExecutionOptions>(),
            TimeOf(provider),
            LogOf<RunRecovery>(provider)));
        services.AddSingleton(provider => new StoredReplies(StorageOf(provider).Runs, provider.GetRequiredService<Runner>().Watch, TimeOf(provider)));
    }

    private static WatchedFolders FoldersOf(IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        var workflows = options.WorkflowFolder is { } folder
            ? new WorkflowFolder(folder, provider.GetRequiredService<WorkflowRegistry>(), TimeOf(provider), LogOf<WorkflowFolder>(provider))
            : null;
        return new WatchedFolders(workflows, new PluginFolderWatcher(
            options.PluginFolder, provider.GetRequiredService<PluginHost>(), TimeOf(provider), LogOf<PluginFolderWatcher>(provider), options.PluginRemovalGrace));
    }

    private static ExecutionOptions ExecutionOf(IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        return new ExecutionOptions
        {
            StepTimeout = options.StepTimeout,
            MaxReplyBytes = options.MaxReplyBytes,
            MaxOutputBytes = options.MaxOutputBytes,
            MaxRuns = options.MaxRuns,
            MaxQueuedRuns = options.MaxQueuedRuns,
            Metrics = provider.GetRequiredService<EngineMetrics>(),
            UuidKey = provider.GetRequiredService<EngineFoundation>().Keys.Uuid,
        };
    }

    private static RetentionSettings RetentionOf(SluiceEngineOptions options) => new(
        options.RunRetention,
        options.MaxKeptRuns,
        options.MaxJournalBytes switch
        {
            null => Math.Min(UsualJournalBytes, RoomOf(options.DataFolder)),
            0 => null,
            var bytes => bytes,
        });

    private static Dictionary<string, RetentionSettings> RetentionOf(WorkflowRegistry workflows) => workflows.All()
        .Select(state => (state.Stored.Name, Retention: state.Stored.ReadRetention()))
        .Where(workflow => workflow.Retention is not null)
        .ToDictionary(workflow => workflow.Name, workflow => workflow.Retention!, StringComparer.Ordinal);

    // What there is stays: a disk that others have filled is no reason to delete runs.
    private static long RoomOf(string data) => new FileInfo(Path.Combine(data, SqliteOptions.FileName)).Length + (new DriveInfo(data).AvailableFreeSpace / 2);

    private static SluiceEngineOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<SluiceEngineOptions>>().Value;

    private static IStorage StorageOf(IServiceProvider provider) => provider.GetRequiredService<IStorage>();

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();

    private static ILogger<T> LogOf<T>(IServiceProvider provider) => provider.GetRequiredService<ILogger<T>>();
}
