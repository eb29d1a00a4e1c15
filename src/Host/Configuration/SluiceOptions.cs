using System.ComponentModel.DataAnnotations;
using Sluice.Engine.Embedding;

namespace Sluice.Host.Configuration;

/// <summary>All that an operator can set, with its rules; see <c>docs/reference/configuration.md</c>. Read once, at the start.</summary>
internal sealed record SluiceOptions : IValidatableObject
{
    public const string DefaultUrls = "http://127.0.0.1:5180";

    /// <summary>The addresses of the public listener, separated by semicolons: webhooks and the status of runs.</summary>
    public string Urls { get; init; } = DefaultUrls;

    public PluginOptions Plugins { get; init; } = new();

    public DirectoryOptions Workflows { get; init; } = new();

    public DataOptions Data { get; init; } = new();

    /// <summary>A folder with one file a secret: the file's name is the secret's, its content the value.</summary>
    public DirectoryOptions Secrets { get; init; } = new();

    public WebhookOptions Webhooks { get; init; } = new();

    public RejectionOptions Refusals { get; init; } = new();

    public BlobOptions Blobs { get; init; } = new();

    public RunOptions Runs { get; init; } = new();

    public RetentionOptions Retention { get; init; } = new();

    public OutboundOptions Http { get; init; } = new();

    public AdminOptions Admin { get; init; } = new();

    /// <summary>How long a stop waits for active runs.</summary>
    [Range(0, 86_400)]
    public int ShutdownGraceSeconds { get; init; } = 10;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => ListenAddresses.Wrong(this).Select(wrong => new ValidationResult(wrong));
}

/// <summary>Where something lies.</summary>
internal sealed record DirectoryOptions
{
    public string? Directory { get; init; }
}

/// <summary>The data directory.</summary>
internal sealed record DataOptions
{
    public string? Directory { get; init; }

    /// <summary>Starts with what is there where the database, or a part of it, is lost. For one start, not for the configuration.</summary>
    public bool AcceptLoss { get; init; }
}

/// <summary>Where plugins lie, and which may be installed and loaded.</summary>
internal sealed record PluginOptions : IValidatableObject
{
    /// <summary>One folder a plugin.</summary>
    public string? Directory { get; init; }

    /// <summary>The NuGet feeds that `sluice plugins add` asks, in order: addresses of v3 indexes, folders, names of the NuGet configuration. Empty: the feeds of the NuGet configuration.</summary>
    public string[] Feeds { get; init; } = [];

    /// <summary>Rejects every plugin that <c>plugins.lock.json</c> does not name with the hash of its content.</summary>
    public bool RequireLock { get; init; }

    /// <summary>The SHA-256 fingerprints of the certificates that packages must be signed with; empty: any package may be installed.</summary>
    [Fingerprints]
    public string[] AllowedSigners { get; init; } = [];

    /// <summary>Where each named plugin runs: <c>context</c>, in the host, or <c>process</c>, in a process of its own.</summary>
    public Dictionary<string, string> Isolation { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where every other plugin runs.</summary>
    [OneOf("context", "process")]
    public string DefaultIsolation { get; init; } = "context";

    /// <summary>How long one plugin may take to load: to be read, copied, constructed, described, checked and tried. One check of a config, when a workflow is published, may take as long.</summary>
    [Range(0.1, 3600)]
    public double LoadTimeoutSeconds { get; init; } = 30;

    /// <summary>How long a plugin goes on after its folder was removed, so that deleting and copying a folder is a swap.</summary>
    [Range(0d, 60d)]
    public double RemovalGraceSeconds { get; init; } = 2;

    /// <summary>How much memory the process of a plugin may have.</summary>
    [Range(64, 1024 * 1024)]
    public int ProcessMemoryMegabytes { get; init; } = 512;

    /// <summary>The environment variables of the host that the processes of plugins get, beside those that the runtime needs.</summary>
    [ForeignVariables]
    public string[] ProcessEnvironment { get; init; } = [];

    /// <summary>How many bytes one installation may unpack.</summary>
    [Range(1d, double.PositiveInfinity)]
    public long MaxUnpackedBytes { get; init; } = 512L * 1024 * 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => IsolationConfiguration.Wrong(this).Select(wrong => new ValidationResult(wrong));
}

/// <summary>The bounds of the webhook ingress.</summary>
internal sealed record WebhookOptions : IValidatableObject
{
    /// <summary>How long a caller waits for a reply where the trigger sets no <c>deadline</c>. <c>OPS_WEBHOOK_TIMEOUT_SECONDS</c> sets it too.</summary>
    [Range(0d, 3600d, MinimumIsExclusive = true)]
    [Alias(HostConfiguration.DeadlineVariable)]
    public double TimeoutSeconds { get; init; } = 30;

    /// <summary>The open connections of the public listener; null for as many as the limit of open files allows, 10,000 at most.</summary>
    [Range(16, int.MaxValue)]
    public int? MaxConnections { get; init; }

    [Range(1, 1_000_000_000)]
    public int MaxBodyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>How many values a JSON body may hold: objects, lists, strings, numbers, booleans and nulls, at any depth.</summary>
    [Range(1, 100_000_000)]
    public int MaxBodyValues { get; init; } = 1_000_000;

    /// <summary>How many fields an <c>application/x-www-form-urlencoded</c> body may hold.</summary>
    [Range(1, 1_000_000)]
    public int MaxFormFields { get; init; } = 10_000;

    /// <summary>
    /// The memory that the parsed bodies of incoming requests and active runs take; beyond it 503. By default a quarter of what the process may have, 512 MiB
    /// at most.
    /// </summary>
    public long MaxBodyMemoryBytes { get; init; } = Math.Min(512L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    [Range(1, 1_000_000_000)]
    public int MaxReplyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>The bytes of a body that becomes files: a <c>multipart/form-data</c> as a whole, or a binary body.</summary>
    [Range(1, 2_000_000_000)]
    public int MaxUploadBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The bytes of one file.</summary>
    [Range(1, 2_000_000_000)]
    public int MaxFileBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>How many parts a <c>multipart/form-data</c> may have.</summary>
    [Range(1, 100_000)]
    public int MaxParts { get; init; } = 1000;

    /// <summary>How long the key of a delivery counts where the trigger sets no <c>retention</c>.</summary>
    [Range(0d, 8760d, MinimumIsExclusive = true)]
    public double RepeatRetentionHours { get; init; } = 24;

    /// <summary>The proxies whose word is taken for a caller's address, in CIDR notation.</summary>
    [Proxies]
    public string[] TrustedProxies { get; init; } = [];

    /// <summary>The header that they say it in: <c>X-Forwarded-For</c> or <c>Forwarded</c>. Only one, since a proxy that sets one lets a caller's other pass.</summary>
    [OneOf("X-Forwarded-For", "Forwarded")]
    public string ForwardedHeader { get; init; } = "X-Forwarded-For";

    /// <summary>The address that callers know the host by, such as <c>https://hooks.example.com</c>; some providers sign it.</summary>
    public string? PublicUrl { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxBodyMemoryBytes < MaxBodyBytes)
        {
            yield return new ValidationResult(
                $"Webhooks:MaxBodyMemoryBytes is {MaxBodyMemoryBytes}; it must be at least Webhooks:MaxBodyBytes, {MaxBodyBytes}, or no such body could ever come in.");
        }

        if (PublicUrl is { Length: > 0 } url && !Configuration.PublicUrl.TryParse(url, out _))
        {
            yield return new ValidationResult($"Webhooks:PublicUrl is \"{url}\", which is not an {Configuration.PublicUrl.Form}.");
        }
    }
}

/// <summary>How long it is kept that requests were refused.</summary>
internal sealed record RejectionOptions
{
    /// <summary>How many entries are kept; alike refusals within a second are one.</summary>
    [Range(1, 1_000_000)]
    public int Max { get; init; } = 10_000;

    /// <summary>For how many days.</summary>
    [Range(1, 3650)]
    public int Days { get; init; } = 30;
}

/// <summary>The files that callers sent.</summary>
internal sealed record BlobOptions
{
    /// <summary>The bytes that all of them together may take on the disk, those under way included; beyond it 503.</summary>
    [Range(1d, double.PositiveInfinity)]
    public long MaxBytes { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>How long a run's files stay once it has ended.</summary>
    [Range(0d, 87_600d)]
    public double RetentionHours { get; init; } = 24;
}

/// <summary>The bounds of the runs.</summary>
internal sealed record RunOptions
{
    /// <summary>How many runs may be active at once. One more is answered 503 where its caller waits for a reply; else it waits in the journal.</summary>
    [Range(1, int.MaxValue)]
    public int Max { get; init; } = 10_000;

    /// <summary>How many runs may wait in the journal; one more is answered 503.</summary>
    [Range(0, int.MaxValue)]
    public int MaxQueued { get; init; } = 100_000;

    /// <summary>How many bytes of JSON the output of a step may have; a step with a longer one fails.</summary>
    [Range(1024, 1_000_000_000)]
    public int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long one call of a node may take where its step sets no <c>timeout</c>.</summary>
    [Range(1, 86_400)]
    public int StepTimeoutSeconds { get; init; } = 300;
}

/// <summary>How long ended runs are kept, and how many; 0 is no bound. How many workflow versions are kept.</summary>
internal sealed record RetentionOptions
{
    // Below it an empty journal with its workflows would be too large already.
    private const long LeastBytes = 16 * 1024 * 1024;

    /// <summary>For how many days a run is kept once it has ended, where its workflow sets no <c>retention</c>.</summary>
    [Range(0, 3650)]
    public int Days { get; init; } = 30;

    /// <summary>How many runs are kept, of all workflows together.</summary>
    [Range(0d, double.PositiveInfinity)]
    public long MaxRuns { get; init; }

    /// <summary>How many bytes of the journal may be in use; beyond it the oldest runs go. Null for 20 GiB, or what it has at the start and half of the free disk, whichever is less.</summary>
    [ZeroOrAtLeast(LeastBytes)]
    public long? MaxBytes { get; init; }

    /// <summary>How many of the newest versions of each workflow are kept; older ones go unless a kept run refers to them.</summary>
    [Range(1, int.MaxValue)]
    public int MaxVersions { get; init; } = 100;
}

/// <summary>Where nodes may connect to.</summary>
internal sealed record OutboundOptions
{
    /// <summary>Allows loopback and private addresses. Link-local and cloud-metadata addresses stay refused.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Private networks to allow, in CIDR notation: <c>10.1.0.0/16</c>.</summary>
    [Networks]
    public string[] Allow { get; init; } = [];
}

/// <summary>Who may use the admin routes.</summary>
internal sealed record AdminOptions
{
    public const string DefaultUrls = "http://127.0.0.1:5181";

    /// <summary>The addresses of the admin listener, separated by semicolons: the admin API and the metrics.</summary>
    public string Urls { get; init; } = DefaultUrls;

    /// <summary>The key that admin requests carry as <c>Authorization: Bearer KEY</c>. Required if <see cref="Urls"/> is not loopback alone.</summary>
    public string? ApiKey { get; init; }
}
