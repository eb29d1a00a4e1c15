using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Processes;
using Sluice.Host.Tests.Cli;
using Sluice.Sdk;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A plugins directory of its own with one plugin in it, which runs in a process of its own.</summary>
internal sealed class ProcessSandbox : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-processes-").FullName;

    private Task? _ended;

    public ProcessSandbox(ProcessSettings? settings = null)
    {
        Directory.CreateDirectory(PluginsDirectory);
        var isolation = new PluginIsolation(Isolation.Process, new Dictionary<string, Isolation>(), settings ?? Settings);
        Host = new PluginHost(Path.Combine(_root, "shadows"), NullLogger.Instance, isolation: isolation);
    }

    /// <summary>As the host sets them, with the built program.</summary>
    public static ProcessSettings Settings { get; } = new() { Program = ["dotnet", SluiceProgram.Program], CancellationGrace = TimeSpan.FromSeconds(1) };

    public PluginHost Host { get; }

    public PluginStatus Status => Host.Plugins[0];

    private string PluginsDirectory => Path.Combine(_root, "plugins");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Loads a plugin's folder.</summary>
    public async Task<ProcessSandbox> LoadAsync(string source)
    {
        var folder = Directory.CreateDirectory(Path.Combine(PluginsDirectory, Path.GetFileName(source)));
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        }

        await Host.LoadAllAsync(PluginsDirectory, Token);
        return this;
    }

    public static Task<ProcessSandbox> WithPerilsAsync(ProcessSettings? settings = null) =>
        new ProcessSandbox(settings).LoadAsync(Path.Combine(AppContext.BaseDirectory, "fixtures", "Perils"));

    public NodeHandle Node(string type) => Host.Catalog.Find(type) ?? throw new InvalidOperationException($"No node '{type}': {Status.Reason}");

    /// <summary>Calls the fixture's node.</summary>
    public Task<NodeResult> CallAsync(string deed, NodeContext? context = null) => CallUnderAsync(deed, context, Token);

    /// <summary>Calls it under a token that the test cancels.</summary>
    public async Task<NodeResult> CallUnderAsync(string deed, NodeContext? context, CancellationToken cancellationToken) =>
        await Node("peril").RunAsync(Encoding.UTF8.GetBytes($$"""{"do":"{{deed}}"}"""), context ?? Context(), cancellationToken);

    /// <summary>The process that a call of the fixture's node ran in, which must have come out well.</summary>
    public static int PidOf(NodeResult result) => OutputOf(result).GetProperty("pid").GetInt32();

    public static JsonElement OutputOf(NodeResult result) =>
        JsonElement.Parse(Assert.IsType<NodeResult.Completed>(result is NodeResult.Failed failed ? throw new InvalidOperationException(failed.Failure.Message) : result).Output.Span);

    public static NodeFailure FailureOf(NodeResult result) => Assert.IsType<NodeResult.Failed>(result).Failure;

    public static NodeContext Context() => new()
    {
        RunId = "run",
        StepKey = "step",
        IdempotencyKey = "run:step",
        Logger = NullLogger.Instance,
        Time = TimeProvider.System,
        Http = SharedClient,
        Responder = SilentResponder.Instance,
    };

    /// <summary>Ends the host, as a stop of the program does.</summary>
    public Task EndHostAsync() => _ended ??= Host.DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await EndHostAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static HttpClient SharedClient { get; } = new();
}
