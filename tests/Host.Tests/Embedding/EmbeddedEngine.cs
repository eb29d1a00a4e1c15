using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Embedding;

namespace Sluice.Host.Tests.Embedding;

/// <summary>An engine in a generic host, as a program embeds it, with our own plugins and the probes.</summary>
internal sealed class EmbeddedEngine : IAsyncDisposable
{
    private readonly IHost _host;

    private EmbeddedEngine(IHost host) => _host = host;

    public IWorkflowEngine Engine => _host.Services.GetRequiredService<IWorkflowEngine>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static EmbeddedEngine Create(string data, Action<SluiceEngineOptions>? configure = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSluiceEngine(options =>
        {
            options.DataFolder = data;
            options.PluginFolder = Path.Combine(AppContext.BaseDirectory, "plugins");
            options.StopGrace = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        return new EmbeddedEngine(builder.Build());
    }

    public static async Task<EmbeddedEngine> StartAsync(string data, Action<SluiceEngineOptions>? configure = null)
    {
        var engine = Create(data, configure);
        await engine.StartAsync();
        return engine;
    }

    public Task StartAsync() => _host.StartAsync(Token);

    public Task StopAsync() => _host.StopAsync(Token);

    /// <summary>Publishes a workflow with these steps, in YAML.</summary>
    public Task<PublishedWorkflow> PublishAsync(string name, string steps) => Engine.PublishAsync(
        $"name: {name}\ntrigger: {{ type: webhook, config: {{ path: /{name}, methods: [POST] }} }}\nsteps:\n{steps}\n", Token);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
