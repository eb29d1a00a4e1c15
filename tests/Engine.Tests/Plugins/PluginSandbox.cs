using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins;

/// <summary>A plugins directory of its own for one test, filled from the fixture plugins, and a host over it.</summary>
internal sealed class PluginSandbox : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-plugins-").FullName;

    /// <param name="loadTimeout">How long a plugin may take to load; by default so long that turning the clock for something else does not end it.</param>
    public PluginSandbox(TimeSpan? loadTimeout = null)
    {
        Directory.CreateDirectory(PluginsDirectory);
        Host = new PluginHost(ShadowDirectory, NullLogger.Instance, time: Time, loadTimeout: loadTimeout ?? TimeSpan.FromDays(1));
    }

    public PluginHost Host { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public string PluginsDirectory => Path.Combine(_root, "plugins");

    public string ShadowDirectory => Path.Combine(_root, "shadow");

    /// <summary>Copies a fixture plugin into the plugins directory; gives back its folder.</summary>
    public string Add(string fixture, string? name = null)
    {
        var folder = AddEmpty(name ?? fixture);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "fixtures", fixture)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    public string AddEmpty(string name) => Directory.CreateDirectory(Path.Combine(PluginsDirectory, name)).FullName;

    /// <summary>Puts another fixture's files in the place of a plugin's folder, by one rename.</summary>
    public string Replace(string folder, string fixture)
    {
        var incoming = Add(fixture, ".incoming");
        var path = Path.Combine(PluginsDirectory, folder);
        Directory.Move(path, Path.Combine(PluginsDirectory, $".old-{Guid.NewGuid():N}"));
        Directory.Move(incoming, path);
        return path;
    }

    /// <summary>Tells the host that a folder changed, as the watcher does.</summary>
    public Task ApplyAsync(string folder) => Host.ApplyAsync([Path.Combine(PluginsDirectory, folder)], [], Token);

    /// <summary>Turns the clock until something is over: past the looks at the memory of what was unloaded.</summary>
    public Task WaitAsync(Task task) => WaitAsync(task, TimeSpan.FromSeconds(1));

    public async Task WaitAsync(Task task, TimeSpan step)
    {
        await WaitAsync(() => task.IsCompleted, step);
        await task;
    }

    public Task WaitAsync(Func<bool> isSo) => WaitAsync(isSo, TimeSpan.FromSeconds(1));

    /// <summary>Turns the clock step by step until something is so; a step of zero leaves the clock alone.</summary>
    public async Task WaitAsync(Func<bool> isSo, TimeSpan step)
    {
        while (!isSo())
        {
            Time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(5), Token);
        }
    }

    public async Task<PluginSandbox> LoadAsync()
    {
        await Host.LoadAllAsync(PluginsDirectory, TestContext.Current.CancellationToken);
        return this;
    }

    public NodeHandle Node(string type) => Host.Catalog.Find(type) ?? throw new InvalidOperationException($"No node '{type}': {Host.Plugins[0].Reason}");

    public static NodeContext Context() => new()
    {
        RunId = "run",
        StepKey = "step",
        IdempotencyKey = "run/step",
        Logger = NullLogger.Instance,
        Time = TimeProvider.System,
        Http = SharedClient,
        Responder = new DeafResponder(),
    };

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static HttpClient SharedClient { get; } = new();

    private sealed class DeafResponder : IResponder
    {
        public ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken) => ValueTask.FromResult(new ReplyReceipt(false, "Nobody listens."));
    }
}
