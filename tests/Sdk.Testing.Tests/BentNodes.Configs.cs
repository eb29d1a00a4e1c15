using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing.Tests;

#pragma warning disable CA1034 // Test data, read best beside the law that each one breaks.
#pragma warning disable CA2201

/// <summary>Nodes that break the laws about wrong configs.</summary>
public static partial class BentNodes
{
    [BreaksLaw("missing-field")]
    public sealed class TakesAConfigWithoutItsField : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Text(config).StartsWith("{\"number\"", StringComparison.Ordinal) || !Text(config).StartsWith('{')
                ? base.RunAsync(config, context, cancellationToken)
                : ValueTask.FromResult(Output("""{"doubled":0}""", "small"));
    }

    [BreaksLaw("wrong-type")]
    public sealed class ThrowsOnAWrongType : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Text(config).Contains("\"number\":{}", StringComparison.Ordinal)
                ? throw new InvalidCastException("No number.")
                : base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("wrong-type")]
    public sealed class DoesNotSayWhichFieldIsWrong : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Text(config).Contains("\"text\":{}", StringComparison.Ordinal)
                ? ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure(FailureKind.Config, "The config is wrong.")))
                : base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("wrong-type")]
    public sealed class ThrowsInItsCheck : BentNode
    {
        public override IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) =>
            Text(config).Contains("\"number\":{}", StringComparison.Ordinal) ? throw new InvalidCastException("No number.") : base.Check(config);
    }

    [BreaksLaw("unknown-field")]
    public sealed class TakesAFieldThatItDoesNotHave : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            base.RunAsync(Encoding.UTF8.GetBytes(Text(config).Replace(",\"no_such_field\":1", "", StringComparison.Ordinal)), context, cancellationToken);
    }

    [BreaksLaw("bounds-held")]
    public sealed class TakesANumberOutOfItsBounds : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Text(config).Contains("\"times\":0", StringComparison.Ordinal)
                ? ValueTask.FromResult(Output("""{"doubled":0}""", "small"))
                : base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("bounds-held")]
    public sealed class BoundsAText : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"What it says.\"", "\"What it says.\",\"minimum\":1", StringComparison.Ordinal) };
    }

    [BreaksLaw("bounds-held")]
    public sealed class TakesATextThatIsTooShort : TakesWhatIsOutOfBounds
    {
        protected override string Problem => "character";
    }

    [BreaksLaw("bounds-held")]
    public sealed class TakesAListThatIsTooLong : TakesWhatIsOutOfBounds
    {
        protected override string Problem => "item";
    }

    [BreaksLaw("bounds-held")]
    public sealed class TakesAnObjectThatIsTooLarge : TakesWhatIsOutOfBounds
    {
        protected override string Problem => "member";
    }

    [BreaksLaw("bounds-held")]
    public sealed class TakesADurationThatIsTooShort : TakesWhatIsOutOfBounds
    {
        protected override string Problem => "must be at least 1s";
    }

    [BreaksLaw("bounds-held")]
    public sealed class TakesADurationThatIsTooLong : TakesWhatIsOutOfBounds
    {
        protected override string Problem => "must be at most";
    }

    [BreaksLaw("no-config")]
    public sealed class TakesNullAsAConfig : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Text(config) == "null"
                ? ValueTask.FromResult(Output("""{"doubled":0}""", "small"))
                : base.RunAsync(config, context, cancellationToken);
    }
}
