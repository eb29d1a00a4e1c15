using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk;

/// <summary>The base class of a typed node. It takes a config record, returns an output record, and derives the spec from attributes and records.</summary>
/// <remarks>
/// In JSON, members are in snake_case, enums are snake_case strings, and a <see cref="TimeSpan"/> is a string such as <c>"10s"</c>. Unknown members are
/// rejected. A parameter without a default is required. The base class sets these rules, whatever the options of <paramref name="json"/> say.
/// </remarks>
/// <typeparam name="TConfig">The config: a positional record. <see cref="FieldAttribute"/> documents its parameters.</typeparam>
/// <typeparam name="TOutput">The output: a record. Later steps read it as <c>{{ step_key.output }}</c>.</typeparam>
/// <param name="json">The plugin's source-generated context, which contains both records. Reflection would keep the plugin in memory.</param>
public abstract class Node<TConfig, TOutput>(JsonSerializerContext json) : INode
    where TConfig : class
{
    // Created at the first use, because constructors must do no work and most nodes of a host are never called.
    private NodeJson<TConfig, TOutput>? _json;
    private NodeSpec? _spec;
    private StrongBox<SpecBounds?>? _bounds;

    private NodeJson<TConfig, TOutput> Json => _json ??= new NodeJson<TConfig, TOutput>(json);

    // The check of a workflow does not see the values of expressions, so all bounds are enforced before each call.
    private StrongBox<SpecBounds?> Bounds => _bounds ??= new(SpecBounds.Of(JsonElement.Parse(Spec.ConfigSchema)));

    /// <inheritdoc/>
    public NodeSpec Spec => _spec ??= ReadSpec();

    /// <summary>
    /// Worked examples for the spec, after those of <see cref="NodeExampleAttribute"/>; empty by default. The host reads them once per instance, together with
    /// the spec. Since 1.2.
    /// </summary>
    protected virtual IReadOnlyList<Example> Examples => [];

    /// <summary>Returns the names of the ports that a step with this config has; see <see cref="INode.PortsOf"/>.</summary>
    public virtual IReadOnlyList<string> PortsOf(JsonElement config) => [.. Spec.Ports.Select(port => port.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config)
    {
        var (value, problems) = Read(config);
        return value is null ? problems : Check(value);
    }

    /// <inheritdoc/>
    public async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (value, problems) = Read(config);
        if (value is null)
        {
            return Broken(problems);
        }

        if (Check(value) is { Count: > 0 } found)
        {
            return Broken(found);
        }

        return Json.Write(await RunAsync(value, context, cancellationToken)) ?? NoResult();
    }

    /// <summary>Executes one step. <see cref="INode"/> lists the laws.</summary>
    /// <param name="config">The config. It is valid: every bound of the spec and <see cref="Check(TConfig)"/> have been checked.</param>
    /// <param name="context">What the host provides for this call.</param>
    /// <param name="cancellationToken">Cancelled when the run is cancelled, the timeout of the step passes, or the host stops.</param>
    protected abstract ValueTask<NodeResult<TOutput>> RunAsync(TConfig config, NodeContext context, CancellationToken cancellationToken);

    /// <summary>Finds the problems of a config that its schema cannot express; none by default. The host calls it when a workflow is published and before each call.</summary>
    protected virtual IReadOnlyList<ConfigProblem> Check(TConfig config) => [];

    /// <summary>Returns a success that leaves through a port.</summary>
    protected static NodeResult<TOutput> Through(string port, TOutput output) => NodeResult<TOutput>.Through(port, output);

    /// <summary>Returns a success that ends the run.</summary>
    protected static NodeResult<TOutput> EndRun(bool succeeded, string? message, TOutput output) =>
        NodeResult<TOutput>.Ending(new RunEnd(succeeded, message), output);

    // A pure node has one effect, which needs no attribute.
    private protected virtual Effect EffectOf(Effect declared) => declared;

    private NodeSpec ReadSpec()
    {
        var spec = SpecReader.Read(GetType(), Json.Config, Json.Output);
        return spec with { Effect = EffectOf(spec.Effect), Examples = [.. spec.Examples, .. Json.Write(Examples)] };
    }

    private (TConfig? Value, IReadOnlyList<ConfigProblem> Problems) Read(ReadOnlyMemory<byte> config)
    {
        try
        {
            return JsonSerializer.Deserialize(config.Span, Json.Config) is { } value && Bounds.Value?.Hold(config.Span) != false
                ? (value, [])
                : (null, ProblemsOf(config));
        }
        catch (JsonException exception)
        {
            return (null, ProblemsOf(config) is { Count: > 0 } problems ? problems : [ConfigFault.Of(exception)]);
        }
        catch (NotSupportedException) when (ProblemsOf(config).Count > 0)
        {
            // A union without the member that says which form it has.
            return (null, ProblemsOf(config));
        }
    }

    // The schema finds all problems and names members of the workflow. The serializer stops at the first and names CLR types.
    private IReadOnlyList<ConfigProblem> ProblemsOf(ReadOnlyMemory<byte> config)
    {
        try
        {
            using var schema = JsonDocument.Parse(Spec.ConfigSchema);
            using var value = JsonDocument.Parse(config);
            return SchemaCheck.Problems(schema.RootElement, value.RootElement);
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private NodeResult.Failed NoResult() =>
        new(new NodeFailure(FailureKind.Defect, $"The node '{Spec.Type}' returned null instead of an output. That is a defect of the node; report it to its author."));

    private static NodeResult.Failed Broken(IReadOnlyList<ConfigProblem> problems) =>
        new(new NodeFailure(FailureKind.Config, string.Join(" ", problems.Select(p => p.Path.Length == 0 ? p.Message : $"{p.Path}: {p.Message}")))
        {
            ConfigPath = ConfigPlace.Of(problems),
        });

    /// <summary>
    /// A worked example of the node. The catalogue and the documentation show it, the contract suite runs it, and a host tries it when it loads the plugin.
    /// Since 1.2.
    /// </summary>
    /// <param name="Summary">What the example shows, as a short title.</param>
    /// <param name="Config">The config. Members with their default value are not shown.</param>
    protected internal sealed record Example(string Summary, TConfig Config)
    {
        /// <summary>The exact output of the call. Omit it if the output varies or needs a network.</summary>
        public TOutput? Output
        {
            get;
            init
            {
                field = value;
                HasOutput = value is not null;
            }
        }

        /// <summary>The port that the call leaves through; null, the default, for a node without ports.</summary>
        public string? Port { get; init; }

        /// <summary>Whether the call needs a network. Such an example is shown but not run if there is none. False by default.</summary>
        public bool NeedsNetwork { get; init; }

        // The default of a value type is an output, too.
        internal bool HasOutput { get; private init; }
    }
}
