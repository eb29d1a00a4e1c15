using System.Text.Json.Serialization;

namespace Sluice.Sdk;

/// <summary>The base class of a node that only computes: one synchronous method from config to result. Since 1.2.</summary>
/// <remarks>
/// The effect of a pure node is <see cref="Effect.None"/>; <see cref="NodeAttribute.Effect"/> can be omitted. The result depends on the config only, because
/// the host may evaluate the node again after a crash. To use the clock, the network or the responder, derive from <see cref="Node{TConfig, TOutput}"/>.
/// </remarks>
/// <typeparam name="TConfig">The config, a record; see <see cref="Node{TConfig, TOutput}"/>.</typeparam>
/// <typeparam name="TOutput">The output, a record.</typeparam>
/// <param name="json">The plugin's source-generated context, which contains both records.</param>
public abstract class PureNode<TConfig, TOutput>(JsonSerializerContext json) : Node<TConfig, TOutput>(json)
    where TConfig : class
{
    /// <summary>Computes the result of one step.</summary>
    /// <param name="config">The config. It is valid: every bound of the spec and <see cref="Node{TConfig, TOutput}.Check(TConfig)"/> have been checked.</param>
    /// <param name="cancellationToken">Cancelled when the run is cancelled, the timeout of the step passes, or the host stops. Check it in long loops.</param>
    protected abstract NodeResult<TOutput> Run(TConfig config, CancellationToken cancellationToken);

    /// <summary>Calls <see cref="Run"/>.</summary>
    protected sealed override ValueTask<NodeResult<TOutput>> RunAsync(TConfig config, NodeContext context, CancellationToken cancellationToken) =>
        new(Run(config, cancellationToken));

    private protected override Effect EffectOf(Effect declared) => declared is Effect.Reply
        ? throw new InvalidOperationException($"{GetType().FullName} is a pure node and cannot have Effect.Reply. Derive from Node<TConfig, TOutput>.")
        : Effect.None;
}
