using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk.Tests;

/// <summary>A node with a field of every kind that a config may have.</summary>
[Node("sample", Name = "Sample", Category = "Tests", Summary = "A sample.", Effect = Effect.None)]
[Port("out", "Always.")]
[NodeExample("One", """{"name":"a"}""", Port = "out")]
internal sealed class SampleNode(Func<SampleConfig, NodeResult<SampleOutput>>? run = null) : Node<SampleConfig, SampleOutput>(SampleJson.Default)
{
    protected override IReadOnlyList<ConfigProblem> Check(SampleConfig config) =>
        config.Name == "forbidden" ? [new("name", "This name is taken.")] : [];

    protected override ValueTask<NodeResult<SampleOutput>> RunAsync(SampleConfig config, NodeContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(run?.Invoke(config) ?? Through("out", new SampleOutput(config.Name, config.Color)));

    public static NodeResult<SampleOutput> Ending(bool succeeded, string? message) => EndRun(succeeded, message, new SampleOutput("end", Color.DarkRed));
}

internal enum Color
{
    [Field("Red, and dark.")]
    DarkRed,
    [Field("Green.")]
    Green,
}

internal sealed record SampleConfig(
    [Field("The name.", Example = "\"a\"", Maximum = 10)] string Name,
    [Field("The colour.")] Color Color = Color.Green,
    [Field("The colour around it.")] Color? BorderColor = null,
    [Field("How often.", Minimum = 1, Maximum = 9)] int Times = 1,
    [Field("How long.", Default = "\"30s\"")] TimeSpan? Wait = null,
    [Field("Any JSON.", Example = """{"a":1}""")] JsonElement? Anything = null,
    [Field("The password.", Secret = true, Expressions = false)] string? Password = null,
    [Field("Parts.")] IReadOnlyList<SamplePart>? Parts = null,
    [Field("Waits.", Maximum = 2)] IReadOnlyList<TimeSpan>? Waits = null,
    [Field("By name.", Maximum = 2)] OrderedDictionary<string, int>? Counts = null);

internal sealed record SamplePart(
    [Field("Its size.")] double Size,
    [Field("Its labels.", Maximum = 1)] IReadOnlyList<string>? Labels = null,
    [Field("Its rest.", Minimum = 0.5, Maximum = 60)] TimeSpan? Rest = null);

internal sealed record SampleOutput([Field("The name.")] string Name, [Field("The colour.")] Color Color);

// The author's own options must not matter: the base sets the house's.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseUpper, UseStringEnumConverter = false)]
[JsonSerializable(typeof(SampleConfig))]
[JsonSerializable(typeof(SampleOutput))]
internal sealed partial class SampleJson : JsonSerializerContext;
