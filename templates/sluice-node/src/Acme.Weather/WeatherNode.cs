using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Acme.Weather;

/// <summary>Greets someone. Replace this with what your node does.</summary>
[Node("acme_weather", Name = "Acme.Weather", Category = "Examples", Summary = "Greets someone by name.")]
public sealed class WeatherNode() : PureNode<WeatherNodeConfig, WeatherNodeOutput>(Json.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        new("Once", new("Ada")) { Output = new("Hello, Ada!") },
        new("Twice", new("Ada", Times: 2)) { Output = new("Hello, Ada! Hello, Ada!") },
    ];

    /// <inheritdoc/>
    protected override NodeResult<WeatherNodeOutput> Run(WeatherNodeConfig config, CancellationToken cancellationToken) =>
        new WeatherNodeOutput(string.Join(' ', Enumerable.Repeat($"Hello, {config.Name}!", config.Times)));
}

/// <summary>The config of a step. A parameter without a default is a required field.</summary>
public sealed record WeatherNodeConfig(
    [Field("The name to greet.", Example = "\"Ada\"")] string Name,
    [Field("The number of greetings.", Minimum = 1, Maximum = 10)] int Times = 1);

/// <summary>The output, which later steps read as <c>{{ step_key.output }}</c>.</summary>
public sealed record WeatherNodeOutput([Field("The greeting.")] string Text);

/// <summary>The JSON serialization of the records, generated at build time. Reflection would keep the plugin in memory forever.</summary>
[JsonSerializable(typeof(WeatherNodeConfig))]
[JsonSerializable(typeof(WeatherNodeOutput))]
internal sealed partial class Json : JsonSerializerContext;
