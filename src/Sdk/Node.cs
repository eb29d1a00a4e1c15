using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk;

/// <summary>The base of a typed node: a config record in, an output record out, the spec read from attributes and records.</summary>
/// <remarks>
/// Members are snake_case in JSON, enums are snake_case strings, a <see cref="TimeSpan"/> is a text such as <c>"10s"</c>, unknown members are
/// refused, and a parameter without a default is required: the base sets this, whatever the options of <paramref name="json"/> say.
/// </remarks>
/// <typeparam name="TConfig">A positional record; <see cref="FieldAttribute"/> on its parameters documents them.</typeparam>
/// <typeparam name="TOutput">A record; what later steps read as <c>{{ step_key.output }}</c>.</typeparam>
/// <param name="json">The plugin's source-generated context, with both records in it. (Reflection over plugin types would pin the plugin in memory.)</param>
public abstract class Node<TConfig, TOutput>(JsonSerializerContext json) : INode
    where TConfig : class
{
    // Made at the first use: a constructor does no work, and of the nodes of a host few are called.
    private NodeJson<TConfig, TOutput>? _json;
    private NodeSpec? _spec;
    private StrongBox<SpecBounds?>? _bounds;

    private NodeJson<TConfig, TOutput> Json => _json ??= new NodeJson<TConfig, TOutput>(json);

    // What an expression gives is seen by no check of the workflow: every bound of the spec is held here, before each call.
    private StrongBox<SpecBounds?> Bounds => _bounds ??= new(SpecBounds.Of(JsonElement.Parse(Spec.ConfigSchema)));

    /// <inheritdoc/>
    public NodeSpec Spec => _spec ??= ReadSpec();

    /// <summary>
    /// Worked examples for the spec, after those of <see cref="NodeExampleAttribute"/>; empty by default. The host reads them once per instance, together with
    /// the spec. Since 1.2.
    /// </summary>
    protected virtual IReadOnlyList<Example> Examples => [];

    /// <summary>The names of the ports that a step with this config has; see <see cref="INode.PortsOf"/>.</summary>
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

    /// <summary>Runs one step; the laws stand at <see cref="INode"/>.</summary>
    protected abstract ValueTask<NodeResult<TOutput>> RunAsync(TConfig config, NodeContext context, CancellationToken cancellationToken);

    /// <summary>What is wrong with a config beyond what its types can say; empty by default. Called when a workflow is published, and before each run.</summary>
    protected virtual IReadOnlyList<ConfigProblem> Check(TConfig config) => [];

    /// <summary>Success, through a port.</summary>
    protected static NodeResult<TOutput> Through(string port, TOutput output) => NodeResult<TOutput>.Through(port, output);

    /// <summary>Success, and the run ends here.</summary>
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

    // The schema names every problem in the words of the workflow; the serializer stops at the first and names CLR types.
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
