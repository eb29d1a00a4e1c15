using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing.Tests;

#pragma warning disable CA1034 // Test data, read best beside the law that each one breaks.
#pragma warning disable CA2201

/// <summary>One bad node for each law.</summary>
public static class BentNodes
{
    [BreaksLaw("usable")]
    public sealed class NeedsAnArgument(string name) : BentNode
    {
        public string Name { get; } = name;
    }

    [BreaksLaw("usable")]
    public sealed class ThrowsWhenMade : BentNode
    {
        public ThrowsWhenMade() => throw new InvalidOperationException("No such file.");
    }

    [BreaksLaw("usable")]
    public sealed class HasNoSpec : BentNode
    {
        public override NodeSpec Spec => throw new InvalidOperationException("Not now.");
    }

    [BreaksLaw("type-identifier")]
    public sealed class IsNamedInCamelCase : BentNode
    {
        public override NodeSpec Spec => Usual with { Type = "doubleIt" };
    }

    [BreaksLaw("type-unique")]
    public sealed class HasATypeThatIsTaken : BentNode
    {
        public override NodeSpec Spec => Usual with { Type = "shared" };
    }

    [BreaksLaw("type-unique")]
    public sealed class HasTheSameType : BentNode
    {
        public override NodeSpec Spec => Usual with { Type = "shared" };
    }

    [BreaksLaw("described")]
    public sealed class HasNoSummary : BentNode
    {
        public override NodeSpec Spec => Usual with { Summary = " " };
    }

    [BreaksLaw("described")]
    public sealed class HasNoExample : BentNode
    {
        public override NodeSpec Spec => Usual with { Examples = [] };
    }

    [BreaksLaw("described")]
    public sealed class HasAFieldInAListWithoutDescription : BentNode
    {
        public override NodeSpec Spec => Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"What it says.\"", "\"\"", StringComparison.Ordinal) };
    }

    [BreaksLaw("ports-well-formed")]
    public sealed class HasOnePortTwice : BentNode
    {
        public override NodeSpec Spec => Usual with { Ports = [.. Good.Spec.Ports, new PortSpec("small", "Again.")] };
    }

    [BreaksLaw("closed-config")]
    public sealed class AllowsAnyMember : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace(",\"additionalProperties\":false", "", StringComparison.Ordinal) };
    }

    [BreaksLaw("defaults-fit")]
    public sealed class HasADefaultThatIsTooSmall : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"default\":2", "\"default\":0", StringComparison.Ordinal) };
    }

    [BreaksLaw("defaults-fit")]
    public sealed class HasAnExampleOfAnotherType : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"examples\":[4]", "\"examples\":[\"four\"]", StringComparison.Ordinal) };
    }

    [BreaksLaw("spec-stable")]
    public sealed class IsAnotherEveryTime : BentNode
    {
        private int _reads;

        public override NodeSpec Spec => Usual with { Summary = $"Read {++_reads} times." };
    }

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

    [BreaksLaw("no-config")]
    public sealed class TakesNullAsAConfig : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Text(config) == "null"
                ? ValueTask.FromResult(Output("""{"doubled":0}""", "small"))
                : base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("examples-run")]
    public sealed class ShowsAnotherOutput : BentNode
    {
        public override NodeSpec Spec => Usual with { Examples = [Good.Spec.Examples[0] with { Output = """{"doubled":9}""" }] };
    }

    [BreaksLaw("examples-run")]
    public sealed class GivesAnOutputThatDoesNotFit : BentNode
    {
        public override NodeSpec Spec => Usual with { Examples = [.. Good.Spec.Examples.Select(example => example with { Output = null })] };

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            await base.RunAsync(config, context, cancellationToken) is NodeResult.Completed good ? Output("""{"tripled":12}""", good.Port!) : Refused;

        private static NodeResult.Failed Refused => new(new NodeFailure(FailureKind.Config, "number: times: notes[0].text: no_such_field"));
    }

    [BreaksLaw("examples-run")]
    public sealed class HasAnExampleThatFails : BentNode
    {
        public override NodeSpec Spec => Usual with { Examples = [.. Good.Spec.Examples, new NodeExample("Wrong", """{"number":"four"}""", null, null, false)] };
    }

    [BreaksLaw("ports-declared")]
    public sealed class LeavesThroughAnotherPort : BentNode
    {
        public override IReadOnlyList<string> PortsOf(JsonElement config) => ["small"];
    }

    [BreaksLaw("ports-declared")]
    public sealed class ShowsAnotherPort : BentNode
    {
        public override NodeSpec Spec => Usual with { Examples = [Good.Spec.Examples[0] with { Port = "large" }] };
    }

    [BreaksLaw("ports-declared")]
    public sealed class ThrowsOnAnExpressionInItsPorts : BentNode
    {
        public override IReadOnlyList<string> PortsOf(JsonElement config) =>
            config.ValueKind is JsonValueKind.Object && config.TryGetProperty("number", out var number) && number.GetInt32() > 1000 ? [] : base.PortsOf(config);
    }

    [BreaksLaw("input-untouched")]
    public sealed class WipesItsConfig : BentNode
    {
        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            var result = await base.RunAsync(config, context, cancellationToken);
            MemoryMarshal.AsMemory(config).Span.Clear();
            return result;
        }
    }

    [BreaksLaw("cancellation")]
    public sealed class IgnoresItsToken : BentNode
    {
        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await Sending.TryAsync(context, new HttpRequestMessage(HttpMethod.Get, "https://a.example"), CancellationToken.None);
            }

            return await base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("cancellation")]
    public sealed class DropsItsTokenOnTheWay : BentNode
    {
        public override NodeSpec Spec => Usual with { Effect = Effect.External };

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            if (Takes(config) && !cancellationToken.IsCancellationRequested)
            {
                await Sending.TryAsync(context, new HttpRequestMessage(HttpMethod.Get, "https://a.example"), CancellationToken.None);
            }

            return await base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("idempotency-key")]
    public sealed class PostsWithoutTheKey : BentNode
    {
        public override NodeSpec Spec => Usual with { Effect = Effect.External };

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            if (Takes(config))
            {
                await Sending.TryAsync(context, new HttpRequestMessage(HttpMethod.Post, "https://a.example"), cancellationToken);
            }

            return await base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("idempotency-key")]
    public sealed class TouchesTheWorldAndSaysNothing : BentNode
    {
        public override NodeSpec Spec => Usual with { Effect = Effect.External };
    }

    [BreaksLaw("secrets-kept")]
    public sealed class LogsASecretOfTheContext : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            context.Logger.LogInformation("With {Secrets}", string.Join(' ', context.Secrets.Values));
            return base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("secrets-kept")]
    public sealed class ShowsASecretFieldInAFailure : BentNode
    {
        // The example's note is a secret here.
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Usual.ConfigSchema.Replace("\"What it says.\"", "\"What it says.\",\"writeOnly\":true", StringComparison.Ordinal) };

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            await base.RunAsync(config, context, cancellationToken) is NodeResult.Failed { Failure: var failure }
                ? new NodeResult.Failed(failure with { Message = failure.Message + Text(config) })
                : await base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("independent")]
    public sealed class KeepsTheConfigOfACall : BentNode
    {
        private ReadOnlyMemory<byte> _config;

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            _config = config;
            for (var turn = 0; turn < 2000; turn++)
            {
                await Task.Yield();
            }

            return await base.RunAsync(_config, context, cancellationToken);
        }
    }

    [BreaksLaw("same-answer")]
    public sealed class CountsItsCalls : BentNode
    {
        private int _calls;

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            await base.RunAsync(config, context, cancellationToken) is NodeResult.Completed good && context.Attempt == 2
                ? Output($$"""{"doubled":{{++_calls}}}""", good.Port!)
                : await base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("effect-declared")]
    public sealed class RepliesInSecret : BentNode
    {
        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                await context.Responder.ReplyAsync(new Reply(200), cancellationToken);
            }

            return await base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("effect-declared")]
    public sealed class SendsARequestInSecret : BentNode
    {
        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            if (Takes(config) && !cancellationToken.IsCancellationRequested)
            {
                await Sending.TryAsync(context, new HttpRequestMessage(HttpMethod.Get, "https://a.example"), cancellationToken);
            }

            return await base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("effect-declared")]
    public sealed class DeclaresAReplyAndSendsNone : BentNode
    {
        public override NodeSpec Spec => Usual with { Effect = Effect.Reply };
    }

    [BreaksLaw("failures-named")]
    public sealed class NamesItsFailureLikeAType : BentNode
    {
        public override NodeSpec Spec => Usual with { Effect = Effect.External, OnRepeat = "It only reads." };

        public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            Takes(config) && await Sending.TryAsync(context, new HttpRequestMessage(HttpMethod.Get, "https://a.example"), cancellationToken) is HttpStatusCode.NotFound
                ? new NodeResult.Failed(new NodeFailure("NotFound", "There is no such number."))
                : await base.RunAsync(config, context, cancellationToken);
    }

    [BreaksLaw("disposable")]
    public sealed class CanBeDisposedOnce : BentNode, IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _disposed = true;
        }
    }

    [BreaksLaw("disposable")]
    public sealed class CanNotBeDisposedUnused : BentNode, IAsyncDisposable
    {
        public Task? Work { get; private set; }

        public async ValueTask DisposeAsync() => await Work!;
    }

    [BreaksLaw("unloads")]
    public sealed class WritesJsonByReflection : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            _ = JsonSerializer.Serialize(new GoodOutput(1));
            return base.RunAsync(config, context, cancellationToken);
        }
    }

    [BreaksLaw("unloads")]
    public sealed class HearsTheProcessEnd : BentNode
    {
        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
        {
            AppDomain.CurrentDomain.ProcessExit += OnExit;
            return base.RunAsync(config, context, cancellationToken);
        }

        private static void OnExit(object? sender, EventArgs arguments)
        {
        }
    }
}

/// <summary>A request that may fail: its status, or none.</summary>
internal static class Sending
{
    public static async Task<HttpStatusCode?> TryAsync(NodeContext context, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using (request)
            using (var response = await context.Http.SendAsync(request, cancellationToken))
            {
                return response.StatusCode;
            }
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

/// <summary>Names the one law that a bad node breaks.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BreaksLawAttribute(string law) : Attribute
{
    public string Law { get; } = law;
}
