using System.Text.Json.Serialization;
using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

public sealed class PureNodeTests
{
    [Fact]
    public void A_pure_node_has_no_effect_without_saying_so() => Assert.Equal(Effect.None, new Adder().Spec.Effect);

    [Fact]
    public void A_pure_node_cannot_declare_that_it_replies()
    {
        var node = new Replier();

        var thrown = Assert.Throws<InvalidOperationException>(() => node.Spec);
        Assert.Contains("Derive from Node<TConfig, TOutput>.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_returns_a_completed_result()
    {
        var call = new Adder().RunAsync("""{"left":1,"right":2}"""u8.ToArray(), new NodeEnvironment().NewContext(), TestContext.Current.CancellationToken);

        Assert.True(call.IsCompletedSuccessfully);
        Assert.Equal("""{"sum":3}""", NodeOutcome.Of(await call).Output?.GetRawText());
    }

    [Fact]
    public async Task A_failure_an_exception_and_an_invalid_config_come_out_as_they_do_of_any_node()
    {
        var environment = new NodeEnvironment();

        Assert.Equal(
            new NodeFailure("overflow", "Too large."), (await environment.RunAsync(new Adder(), """{"left":100,"right":1}""", TestContext.Current.CancellationToken)).Failure);
        Assert.Equal(
            FailureKind.Config, (await environment.RunAsync(new Adder(), """{"left":101,"right":1}""", TestContext.Current.CancellationToken)).Failure?.Kind);
        var call = new Adder().RunAsync("""{"left":-1,"right":1}"""u8.ToArray(), environment.NewContext(), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await call);
    }

    [Fact]
    public async Task A_cancelled_token_reaches_the_node()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => new NodeEnvironment().RunAsync(new Adder(), """{"left":1,"right":2}""", new CancellationToken(canceled: true)));
    }

    [Node("adder", Summary = "Adds.")]
    private sealed class Adder() : PureNode<AdderConfig, AdderOutput>(AdderJson.Default)
    {
        protected override NodeResult<AdderOutput> Run(AdderConfig config, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return config.Left switch
            {
                < 0 => throw new InvalidOperationException("Negative."),
                100 => new NodeFailure("overflow", "Too large."),
                _ => new AdderOutput(config.Left + config.Right),
            };
        }
    }

    [Node("replier", Effect = Effect.Reply)]
    private sealed class Replier() : PureNode<AdderConfig, AdderOutput>(AdderJson.Default)
    {
        protected override NodeResult<AdderOutput> Run(AdderConfig config, CancellationToken cancellationToken) => new AdderOutput(0);
    }
}

internal sealed record AdderConfig([Field("The first summand.", Maximum = 100)] int Left, [Field("The second summand.")] int Right = 1);

internal sealed record AdderOutput([Field("The sum.")] int Sum);

[JsonSerializable(typeof(AdderConfig))]
[JsonSerializable(typeof(AdderOutput))]
internal sealed partial class AdderJson : JsonSerializerContext;
