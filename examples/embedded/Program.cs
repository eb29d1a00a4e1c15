// Runs a workflow inside this program, without a server:
//   dotnet build src/Host
//   dotnet run --project examples/embedded -- src/Host/bin/Debug/net10.0/plugins
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Embedding;

const string Greeting = """
    name: greeting
    trigger: { type: webhook, config: { path: /greeting, methods: [POST] } }
    steps:
      - { key: reply, type: webhook_response, config: { body: "Hello, {{ trigger.output.body.name }}!" } }
      - { key: count, type: set, config: { values: { letters: "{{ trigger.output.body.name.length }}" } } }
    """;

var data = Directory.CreateTempSubdirectory("sluice-embedded-");
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSluiceEngine(options =>
{
    options.DataFolder = data.FullName;
    options.PluginFolder = args[0];
});
using (var host = builder.Build())
{
    await host.StartAsync();
    var engine = host.Services.GetRequiredService<IWorkflowEngine>();
    await engine.PublishAsync(Greeting);

    var run = engine.Start("greeting", JsonSerializer.SerializeToElement(new { name = "Ada" }));
    Console.WriteLine($"Reply: {Encoding.UTF8.GetString((await run.Reply)!.Body.Span)}");

    var ended = await engine.WaitForEndAsync(run.Id);
    Console.WriteLine($"Run: {ended!.State}, output of count: {ended.Steps[^1].Output}");
    await host.StopAsync();
}

data.Delete(recursive: true);
