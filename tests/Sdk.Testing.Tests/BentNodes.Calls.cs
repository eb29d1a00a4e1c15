using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing.Tests;

#pragma warning disable CA1034 // Test data, read best beside the law that each one breaks.
#pragma warning disable CA2201

/// <summary>Nodes that break the laws about calls, and about the life of a node.</summary>
public static partial class BentNodes
{
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

        private static NodeResult.Failed Refused => new(new NodeFailure(FailureKind.Config, "number: times: notes[0].text: pause: labels: no_such_field"));
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
