using System.ComponentModel.DataAnnotations;
using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Embedding;

/// <summary>Configures an engine. The engine reads its options once, when it starts.</summary>
public sealed class SluiceEngineOptions
{
    /// <summary>The folder of the journal and of uploaded files. It is created if it does not exist. One engine uses a folder at a time.</summary>
    [Required]
    public string DataFolder { get; set; } = "";

    /// <summary>The folder of the plugins, one subfolder per plugin. The engine watches it and loads what changes.</summary>
    [Required]
    public string PluginFolder { get; set; } = "";

    /// <summary>The folder of the workflow files. The engine watches it and publishes what changes. If null, only <see cref="IWorkflowEngine"/> publishes workflows.</summary>
    [Folder]
    public string? WorkflowFolder { get; set; }

    /// <summary>The secrets that workflows can read, by lower-case name. Runs and logs show <c>***</c> in their place.</summary>
    public IDictionary<string, string> Secrets { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The number of active runs. Further runs wait in the journal, or are rejected if their caller waits for a reply.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRuns { get; set; } = 10_000;

    /// <summary>The number of runs that wait in the journal. Further runs are rejected.</summary>
    [Range(0, int.MaxValue)]
    public int MaxQueuedRuns { get; set; } = 100_000;

    /// <summary>The timeout of a step that sets none.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The size of a step's output in bytes. A step with a larger one fails.</summary>
    [Range(1024, 1_000_000_000)]
    public int MaxOutputBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The size of a reply's body in bytes. A step with a larger one fails.</summary>
    [Range(1, 1_000_000_000)]
    public int MaxReplyBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>How long an ended run is kept if its workflow sets no <c>retention</c>. If null, it is kept for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan? RunRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the engine waits for active runs when it stops. Runs that have not ended by then continue at the next start.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Lets nodes connect to loopback and private addresses. Link-local and cloud-metadata addresses stay refused.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>The private networks that nodes may connect to, in CIDR notation: <c>10.1.0.0/16</c>.</summary>
    [Networks]
    public IList<string> AllowedNetworks { get; } = [];

    internal bool AcceptLoss { get; set; }

    /// <summary>The number of ended runs that are kept; null for no bound.</summary>
    internal long? MaxKeptRuns { get; set; }

    /// <summary>The bytes of the journal in use; null for the default, 0 for no bound.</summary>
    internal long? MaxJournalBytes { get; set; }

    internal int MaxVersions { get; set; } = 100;

    internal long MaxBlobBytes { get; set; } = 10L * 1024 * 1024 * 1024;

    internal TimeSpan BlobRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Whether only plugins that <c>plugins.lock.json</c> lists are loaded.</summary>
    internal bool RequiresLock { get; set; }

    /// <summary>Which plugins run in a process of their own; null for none.</summary>
    internal PluginIsolation? Isolation { get; set; }

    internal TimeSpan PluginLoadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal TimeSpan PluginRemovalGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Where findings about plugins are kept across starts; in the data folder if null.</summary>
    internal string? KnownPluginsFolder { get; set; }

    /// <summary>Whether a plugin can be replaced. If not, the start is shorter.</summary>
    internal bool IsUnloadable { get; set; } = true;
}
