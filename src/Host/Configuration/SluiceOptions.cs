using System.ComponentModel.DataAnnotations;
using Sluice.Engine.Embedding;

namespace Sluice.Host.Configuration;

/// <summary>All settings of the host, with their rules; see <c>docs/reference/configuration.md</c>. Read once, at start.</summary>
internal sealed record SluiceOptions : IValidatableObject
{
    public const string DefaultUrls = "http://127.0.0.1:5180";

    /// <summary>The addresses of the public listener, separated by semicolons: webhooks and status resources.</summary>
    public string Urls { get; init; } = DefaultUrls;

    public PluginOptions Plugins { get; init; } = new();

    public WorkflowOptions Workflows { get; init; } = new();

    public DataOptions Data { get; init; } = new();

    /// <summary>A folder with one file per secret: the file name is the name of the secret, the content its value.</summary>
    public SecretOptions Secrets { get; init; } = new();

    public WebhookOptions Webhooks { get; init; } = new();

    public RejectionOptions Refusals { get; init; } = new();

    public BlobOptions Blobs { get; init; } = new();

    public RunOptions Runs { get; init; } = new();

    public RetentionOptions Retention { get; init; } = new();

    public OutboundOptions Http { get; init; } = new();

    public AdminOptions Admin { get; init; } = new();

    /// <summary>How long shutdown waits for active runs.</summary>
    [Range(0, 86_400)]
    public int ShutdownGraceSeconds { get; init; } = 10;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => ListenAddresses.Wrong(this).Select(wrong => new ValidationResult(wrong));
}

/// <summary>Where the workflow files are.</summary>
internal sealed record WorkflowOptions
{
    [Folder]
    public string? Directory { get; init; }
}

/// <summary>Where the secrets are. An empty path means none.</summary>
internal sealed record SecretOptions
{
    public string? Directory { get; init; }
}

/// <summary>The data directory.</summary>
internal sealed record DataOptions
{
    [Folder]
    public string? Directory { get; init; }

    /// <summary>
    /// Starts with what is left if the database, or a part of it, is lost. Meant for one start, not for the configuration.
    /// </summary>
    public bool AcceptLoss { get; init; }
}

/// <summary>Where plugins are, and which ones may be installed and loaded.</summary>
internal sealed record PluginOptions : IValidatableObject
{
    /// <summary>The directory with one folder per plugin.</summary>
    [Folder]
    public string? Directory { get; init; }

    /// <summary>
    /// The NuGet feeds that `sluice plugins add` searches, in order: v3 index addresses, folders, or names of the NuGet configuration.
    /// Empty: the feeds of the NuGet configuration.
    /// </summary>
    public string[] Feeds { get; init; } = [];

    /// <summary>Rejects every plugin that <c>plugins.lock.json</c> does not list with its content hash.</summary>
    public bool RequireLock { get; init; }

    /// <summary>
    /// The SHA-256 fingerprints of the certificates that packages must be signed with; empty: any package may be installed.
    /// </summary>
    [Fingerprints]
    public string[] AllowedSigners { get; init; } = [];

    /// <summary>The isolation of each named plugin: <c>context</c>, in the host, or <c>process</c>, in a process of its own.</summary>
    public Dictionary<string, string> Isolation { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The isolation of every other plugin.</summary>
    [OneOf("context", "process")]
    public string DefaultIsolation { get; init; } = "context";

    /// <summary>
    /// How long one plugin may take to load: to be read, copied, constructed, described, checked and tested. Also bounds one check of a
    /// config during publishing.
    /// </summary>
    [Range(0.1, 3600)]
    public double LoadTimeoutSeconds { get; init; } = 30;

    /// <summary>How long a plugin stays loaded after its folder was removed, so that deleting and copying a folder is a swap.</summary>
    [Range(0d, 60d)]
    public double RemovalGraceSeconds { get; init; } = 2;

    /// <summary>The memory limit of a plugin process.</summary>
    [Range(64, 1024 * 1024)]
    public int ProcessMemoryMegabytes { get; init; } = 512;

    /// <summary>The environment variables of the host that plugin processes get, in addition to those that the runtime needs.</summary>
    [ForeignVariables]
    public string[] ProcessEnvironment { get; init; } = [];

    /// <summary>The bytes that one installation may unpack.</summary>
    [Range(1d, double.PositiveInfinity)]
    public long MaxUnpackedBytes { get; init; } = 512L * 1024 * 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => IsolationConfiguration.Wrong(this).Select(wrong => new ValidationResult(wrong));
}

/// <summary>The bounds of the webhook ingress.</summary>
internal sealed record WebhookOptions : IValidatableObject
{
    /// <summary>
    /// How long a caller waits for a reply if the trigger sets no <c>deadline</c>. <c>OPS_WEBHOOK_TIMEOUT_SECONDS</c> sets it too.
    /// </summary>
    [Range(0d, 3600d, MinimumIsExclusive = true)]
    [Alias(HostConfiguration.DeadlineVariable)]
    public double TimeoutSeconds { get; init; } = 30;

    /// <summary>The open connections of the public listener; null for as many as the open file limit allows, at most 10,000.</summary>
    [Range(16, int.MaxValue)]
    public int? MaxConnections { get; init; }

    [Range(1, 1_000_000_000)]
    public int MaxBodyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>
    /// The number of values that a JSON body may hold: objects, arrays, strings, numbers, booleans and nulls, at any depth.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxBodyValues { get; init; } = 1_000_000;

    /// <summary>The number of fields that an <c>application/x-www-form-urlencoded</c> body may hold.</summary>
    [Range(1, 1_000_000)]
    public int MaxFormFields { get; init; } = 10_000;

    /// <summary>
    /// The memory for parsed bodies of incoming requests and active runs; beyond it 503. By default a quarter of what the process may use,
    /// at most 512 MiB.
    /// </summary>
    public long MaxBodyMemoryBytes { get; init; } = Math.Min(512L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    [Range(1, 1_000_000_000)]
    public int MaxReplyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>The bytes of a body that becomes files: a whole <c>multipart/form-data</c> body, or a binary body.</summary>
    [Range(1, 2_000_000_000)]
    public int MaxUploadBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The bytes of one file.</summary>
    [Range(1, 2_000_000_000)]
    public int MaxFileBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The number of parts that a <c>multipart/form-data</c> body may have.</summary>
    [Range(1, 100_000)]
    public int MaxParts { get; init; } = 1000;

    /// <summary>How long the idempotency key of a delivery counts if the trigger sets no <c>retention</c>.</summary>
    [Range(0d, 8760d, MinimumIsExclusive = true)]
    public double RepeatRetentionHours { get; init; } = 24;

    /// <summary>The proxies that are trusted for a caller's address, in CIDR notation.</summary>
    [Proxies]
    public string[] TrustedProxies { get; init; } = [];

    /// <summary>
    /// The header that they set: <c>X-Forwarded-For</c> or <c>Forwarded</c>. Only one: a proxy that sets one lets a caller's other one
    /// through.
    /// </summary>
    [OneOf("X-Forwarded-For", "Forwarded")]
    public string ForwardedHeader { get; init; } = "X-Forwarded-For";

    /// <summary>The address that callers use for the host, such as <c>https://hooks.example.com</c>; some providers sign it.</summary>
    public string? PublicUrl { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxBodyMemoryBytes < MaxBodyBytes)
        {
            yield return new ValidationResult(
                $"Webhooks:MaxBodyMemoryBytes is {MaxBodyMemoryBytes}; it must be at least Webhooks:MaxBodyBytes, {MaxBodyBytes}; otherwise a body of that size is never accepted.");
        }

        if (PublicUrl is { Length: > 0 } url && !Configuration.PublicUrl.TryParse(url, out _))
        {
            yield return new ValidationResult($"Webhooks:PublicUrl is \"{url}\", which is not an {Configuration.PublicUrl.Form}.");
        }
    }
}

/// <summary>How long rejections are kept.</summary>
internal sealed record RejectionOptions
{
    /// <summary>The number of entries kept; equal rejections within a second are one entry.</summary>
    [Range(1, 1_000_000)]
    public int Max { get; init; } = 10_000;

    /// <summary>The number of days.</summary>
    [Range(1, 3650)]
    public int Days { get; init; } = 30;
}

/// <summary>Uploaded files.</summary>
internal sealed record BlobOptions
{
    /// <summary>The bytes that all of them may take on disk, including those being received; beyond it 503.</summary>
    [Range(1d, double.PositiveInfinity)]
    public long MaxBytes { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>How long the files of a run are kept after it ends.</summary>
    [Range(0d, 87_600d)]
    public double RetentionHours { get; init; } = 24;
}

/// <summary>The bounds of runs.</summary>
internal sealed record RunOptions
{
    /// <summary>
    /// The number of runs that may be active at once. Beyond it, a request whose caller waits for a reply gets 503; other runs wait in the
    /// journal.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Max { get; init; } = 10_000;

    /// <summary>The number of runs that may wait in the journal; beyond it 503.</summary>
    [Range(0, int.MaxValue)]
    public int MaxQueued { get; init; } = 100_000;

    /// <summary>The bytes of JSON in the output of a step; a step with a longer one fails.</summary>
    [Range(1024, 1_000_000_000)]
    public int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long one attempt of a step may take if the step sets no <c>timeout</c>.</summary>
    [Range(1, 86_400)]
    public int StepTimeoutSeconds { get; init; } = 300;
}

/// <summary>How long and how many ended runs are kept (0 is no bound), and how many workflow versions.</summary>
internal sealed record RetentionOptions
{
    // An empty journal with its workflows would already exceed anything smaller.
    private const long LeastBytes = 16 * 1024 * 1024;

    /// <summary>The number of days an ended run is kept if its workflow sets no <c>retention</c>.</summary>
    [Range(0, 3650)]
    public int Days { get; init; } = 30;

    /// <summary>The number of runs kept, of all workflows together.</summary>
    [Range(0d, double.PositiveInfinity)]
    public long MaxRuns { get; init; }

    /// <summary>
    /// The bytes of the journal that may be in use; beyond it the oldest runs are deleted. Null for 20 GiB, or its size at start plus half
    /// of the free disk space, whichever is less.
    /// </summary>
    [ZeroOrAtLeast(LeastBytes)]
    public long? MaxBytes { get; init; }

    /// <summary>
    /// The number of newest versions of each workflow that are kept; older ones are deleted unless a kept run refers to them.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxVersions { get; init; } = 100;
}

/// <summary>The destinations that nodes may connect to.</summary>
internal sealed record OutboundOptions
{
    /// <summary>Allows loopback and private addresses. Link-local and cloud metadata addresses stay blocked.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>The private networks to allow, in CIDR notation: <c>10.1.0.0/16</c>.</summary>
    [Networks]
    public string[] Allow { get; init; } = [];
}

/// <summary>Access to the admin API.</summary>
internal sealed record AdminOptions
{
    public const string DefaultUrls = "http://127.0.0.1:5181";

    /// <summary>The addresses of the admin listener, separated by semicolons: the admin API and the metrics.</summary>
    public string Urls { get; init; } = DefaultUrls;

    /// <summary>
    /// The key that admin requests carry as <c>Authorization: Bearer KEY</c>. Required unless <see cref="Urls"/> is loopback only.
    /// </summary>
    public string? ApiKey { get; init; }
}
