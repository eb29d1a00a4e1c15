using System.Collections.Immutable;
using System.Net;
using Sluice.Engine.Blobs;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Host.Configuration;
using Sluice.Host.Logging;
using Sluice.Host.Outbound;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Schemes;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Later;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Composition;

/// <summary>The whole engine, put together: what `serve` runs behind a web server and `run` without one. Everything is made here, in the order it depends on.</summary>
internal sealed class EngineRoom : IAsyncDisposable
{
    private const long UsualJournalBytes = 20L * 1024 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly ClaimSweep _claimSweep;
    private readonly CallWatch _callWatch;

    private EngineRoom(
        SluiceOptions options, IStorage storage, byte[] statusKey, byte[] uuidKey, PluginHost plugins, ISecrets secrets, TimeProvider time, ILoggerFactory loggers, IRequestLog requests,
        AuthenticationRule rule)
    {
        Storage = storage;
        Secrets = secrets;
        Blobs = BlobStore.Open(options.Data.Directory!, options.Blobs.MaxBytes);
        BlobSweep = new BlobSweep(
            Blobs, storage.Runs, TimeSpan.FromHours(options.Blobs.RetentionHours), time, loggers.CreateLogger<BlobSweep>());
        Retention = new RetentionSweep(
            storage.Retention,
            RetentionOf(options.Retention, options.Data.Directory!),
            options.Retention.MaxVersions,
            RetentionOfWorkflows,
            time,
            loggers.CreateLogger<RetentionSweep>());
        Plugins = plugins;
        Checker = new WorkflowChecker(plugins.Catalog, () => secrets.Names, SchemeList.All);
        Workflows = new WorkflowRegistry(storage.Workflows, Checker, time, loggers.CreateLogger<WorkflowRegistry>());
        _http = GuardedHttpClient.Create(new AddressGuard(options.Http.AllowPrivate, options.Http.Allow.Select(network => IPNetwork.Parse(network))));

        var execution = new ExecutionOptions
        {
            StepTimeout = TimeSpan.FromSeconds(options.Runs.StepTimeoutSeconds),
            MaxReplyBytes = options.Webhooks.MaxReplyBytes,
            MaxOutputBytes = options.Runs.MaxOutputBytes,
            MaxRuns = options.Runs.Max,
            MaxQueuedRuns = options.Runs.MaxQueued,
            UuidKey = uuidKey,
        };
        Responders = new ResponderRegistry();
        BodyMemory = new BodyMemory(options.Webhooks.MaxBodyMemoryBytes);
        Runner = new Runner(
            storage.Queue, Responders, new StepRunner(execution, _http, secrets, Blobs, time, loggers), secrets, execution, time, loggers.CreateLogger<Runner>());
        _callWatch = new CallWatch(Runner, time);
        Recovery = new RunRecovery(storage.Runs, storage.Queue, Runner, Workflows, execution, time, loggers.CreateLogger<RunRecovery>());
        Workflows.Rechecked += Recovery.WakeWaiting;
        Admission = new Admission();
        Refusals = new RefusalLog(
            storage.Refusals, new RefusalRetention(options.Refusals.Max, TimeSpan.FromDays(options.Refusals.Days)), time, loggers.CreateLogger<RefusalLog>());
        _claimSweep = new ClaimSweep(storage.Runs, time, loggers.CreateLogger<ClaimSweep>());
        var later = new LaterAnswers(storage.Runs, Runner.Watch, time);
        var answers = new TriggerAnswers(secrets, options.Webhooks.MaxReplyBytes, Runner, time, loggers.CreateLogger<TriggerAnswers>());
        var links = new StatusLinks(statusKey);
        var writer = new AnswerWriter(Blobs);
        Status = new StatusEndpoint(later, links, writer, TimeSpan.FromSeconds(options.Webhooks.TimeoutSeconds));
        var repeats = new RepeatGate(
            new Claims(storage.Runs, later, Recovery), later, answers, links, writer, secrets,
            TimeSpan.FromHours(options.Webhooks.RepeatRetentionHours), time, loggers.CreateLogger<RepeatGate>());
        Webhooks = new WebhookEndpoint(
            Workflows, GatesOf(options, secrets, repeats, time, loggers, rule), Runner, Responders,
            new CallerWait(Runner, Recovery, later, time, loggers.CreateLogger<CallerWait>()), answers, links, writer, new Cors(loggers), BodyMemory,
            TimeSpan.FromSeconds(options.Webhooks.TimeoutSeconds), time, requests, loggers.CreateLogger<WebhookEndpoint>());
    }

    public ISecrets Secrets { get; }

    public PluginHost Plugins { get; }

    public WorkflowChecker Checker { get; }

    public WorkflowRegistry Workflows { get; }

    public ResponderRegistry Responders { get; }

    public Runner Runner { get; }

    public RunRecovery Recovery { get; }

    public Admission Admission { get; }

    public BodyMemory BodyMemory { get; }

    public WebhookEndpoint Webhooks { get; }

    public RefusalLog Refusals { get; }

    public StatusEndpoint Status { get; }

    public IStorage Storage { get; }

    public BlobStore Blobs { get; }

    public BlobSweep BlobSweep { get; }

    public RetentionSweep Retention { get; }

    /// <summary>Opens the journal and loads the plugins and the published workflows. No run is taken up yet. Nothing reads the host's environment from here on.</summary>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    public static async Task<EngineRoom> OpenAsync(
        SluiceOptions options, ISecrets secrets, TimeProvider time, ILoggerFactory loggers, IRequestLog requests, CancellationToken cancellationToken,
        AuthenticationRule rule = AuthenticationRule.Full, string? knownPlugins = null, bool isUnloadable = true)
    {
        HostEnvironment.Clear();
        var data = options.Data.Directory!;
        // Ahead of the plugins: the copies that they run from lie in the data directory, and a host that is refused must leave them alone.
        var directoryLock = DataDirectoryLock.Take(data);
        var locked = options.Plugins.RequireLock ? new PluginLock(options.Plugins.Directory!) : null;
        var plugins = new PluginHost(
            Path.Combine(data, "plugin-shadows"), loggers.CreateLogger<PluginHost>(), locked, time, IsolationConfiguration.Of(options.Plugins),
            TimeSpan.FromSeconds(options.Plugins.LoadTimeoutSeconds), knownPlugins, isUnloadable);
        var loading = plugins.LoadAllAsync(options.Plugins.Directory!, cancellationToken);
        // The one place that knows which database the host uses.
        SqliteDatabase? storage = null;
        try
        {
            storage = SqliteDatabase.Open(new SqliteOptions(data) { AcceptLoss = options.Data.AcceptLoss }, directoryLock, time, loggers.CreateLogger<SqliteDatabase>());
            var statusKey = await storage.HostKeyAsync("status", cancellationToken);
            var uuidKey = await storage.HostKeyAsync("uuid", cancellationToken);
            await loading;
            var room = new EngineRoom(options, storage, statusKey, uuidKey, plugins, secrets, time, loggers, requests, rule);
            await room.Recovery.CountAsync(cancellationToken);
            await room.Workflows.LoadAsync(plugins.RestoreAsync, cancellationToken);
            plugins.Users = room.Workflows;
            return room;
        }
        catch
        {
            // Loading must have ended before its host is disposed.
            plugins.StopWaiting();
            await loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await plugins.DisposeAsync();
            if (storage is not null)
            {
                await storage.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Gets ready what the first requests need: the nodes that workflows use, and the workflows themselves, as far as nobody has needed them yet.</summary>
    public async Task WarmAsync(CancellationToken cancellationToken)
    {
        Workflows.CompileAhead(cancellationToken);
        await Plugins.WarmAsync(Workflows.NodeTypes);
    }

    /// <summary>Stops in the order that loses nothing: no new runs, the active runs to their end or their last step, the journal last.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        Admission.Drain();
        await Runner.StopAsync(grace);
    }

    // In this order: what is cheap to refuse comes first, and nothing of a body is believed before its bytes are verified.
    private ImmutableArray<IGate> GatesOf(SluiceOptions options, ISecrets secrets, RepeatGate repeats, TimeProvider time, ILoggerFactory loggers, AuthenticationRule rule)
    {
        var authenticator = new Authenticator(VerifiersOf(options, secrets, time, loggers, rule), Refusals, loggers.CreateLogger<Authenticator>());
        var rateLimits = new RateLimits();
        return
        [
            new AddressGate(ClientAddressOf(options.Webhooks), Refusals, rule == AuthenticationRule.Full),
            new AdmissionGate(Admission, Storage.Queue, Runner),
            new RateLimitGate(rateLimits, RateLimitStage.Arrival),
            .. rule == AuthenticationRule.Off ? [] : (IGate[])[new HeaderAuthenticationGate(authenticator)],
            new RateLimitGate(rateLimits, RateLimitStage.Headers),
            new BodyGate(BodyLimits.Of(options.Webhooks), Blobs, time),
            .. rule == AuthenticationRule.Off ? [] : (IGate[])[new BodyAuthenticationGate(authenticator)],
            new RateLimitGate(rateLimits, RateLimitStage.Body),
            new ParseGate(BodyLimits.Of(options.Webhooks), Blobs, time),
            new RequestSchemaGate(),
            new ConditionGate(secrets, time, loggers.CreateLogger<ConditionGate>()),
            repeats,
        ];
    }

    private Verifiers VerifiersOf(SluiceOptions options, ISecrets secrets, TimeProvider time, ILoggerFactory loggers, AuthenticationRule rule) => new(
        secrets,
        new Freshness(time, rule == AuthenticationRule.AnyAge),
        string.IsNullOrEmpty(options.Webhooks.PublicUrl) ? null : new Uri(options.Webhooks.PublicUrl),
        new KeySetLoader(_http, options.Workflows.Directory!),
        time,
        loggers.CreateLogger<Verifiers>());

    private Dictionary<string, RetentionSettings> RetentionOfWorkflows() => Workflows.All()
        .Select(state => (state.Stored.Name, Retention: state.Stored.ReadRetention()))
        .Where(workflow => workflow.Retention is not null)
        .ToDictionary(workflow => workflow.Name, workflow => workflow.Retention!, StringComparer.Ordinal);

    private static RetentionSettings RetentionOf(RetentionOptions options, string data) => new(
        options.Days > 0 ? TimeSpan.FromDays(options.Days) : null,
        options.MaxRuns > 0 ? options.MaxRuns : null,
        options.MaxBytes switch
        {
            null => Math.Min(UsualJournalBytes, RoomOf(data)),
            0 => null,
            var bytes => bytes,
        });

    // What there is stays: a disk that others have filled is no reason to delete runs.
    private static long RoomOf(string data) => new FileInfo(Path.Combine(data, SqliteOptions.FileName)).Length + (new DriveInfo(data).AvailableFreeSpace / 2);

    private static ClientAddress ClientAddressOf(WebhookOptions options) => new(
        [.. options.TrustedProxies.Select(text => NetworkReader.TryParse(text, out var network) ? network : throw new ArgumentException($"{text} is no network."))],
        options.ForwardedHeader);

    public async ValueTask DisposeAsync()
    {
        await _claimSweep.DisposeAsync();
        await Recovery.DisposeAsync();
        _callWatch.Dispose();
        Workflows.Dispose();
        await Refusals.DisposeAsync();
        await Storage.DisposeAsync();
        await Plugins.DisposeAsync();
        _http.Dispose();
    }
}
