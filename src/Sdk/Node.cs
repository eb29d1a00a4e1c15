using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

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

    private NodeJson<TConfig, TOutput> Json => _json ??= new NodeJson<TConfig, TOutput>(json);

    /// <inheritdoc/>
    public NodeSpec Spec => _spec ??= SpecReader.Read(GetType(), Json.Config, Json.Output);

    /// <summary>The names of the ports that a step with this config has; see <see cref="INode.PortsOf"/>.</summary>
    public virtual IReadOnlyList<string> PortsOf(JsonElement config) => [.. Spec.Ports.Select(port => port.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config)
    {
        var (value, unreadable) = Json.Read(config.Span);
        return unreadable is null ? Check(value!) : ProblemsOf(config, unreadable);
    }

    /// <inheritdoc/>
    public async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (value, unreadable) = Json.Read(config.Span);
        if (unreadable is not null)
        {
            return Broken(ProblemsOf(config, unreadable));
        }

        if (Check(value!) is { Count: > 0 } problems)
        {
            return Broken(problems);
        }

        return Json.Write(await RunAsync(value!, context, cancellationToken));
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

    // The schema names every problem in the words of the workflow; the serializer stops at the first and names CLR types.
    private IReadOnlyList<ConfigProblem> ProblemsOf(ReadOnlyMemory<byte> config, ConfigProblem first)
    {
        try
        {
            using var schema = JsonDocument.Parse(Spec.ConfigSchema);
            using var value = JsonDocument.Parse(config);
            return SchemaCheck.Problems(schema.RootElement, value.RootElement) is { Count: > 0 } problems ? problems : [first];
        }
        catch (JsonException)
        {
            return [first];
        }
    }

    private static NodeResult.Failed Broken(IReadOnlyList<ConfigProblem> problems) =>
        new(new NodeFailure(FailureKind.Config, string.Join(" ", problems.Select(p => p.Path.Length == 0 ? p.Message : $"{p.Path}: {p.Message}"))));
}

/// <summary>The JSON of one node: its two types under the house's rules, whatever the author's context says.</summary>
internal sealed class NodeJson<TConfig, TOutput>
    where TConfig : class
{
    public NodeJson(JsonSerializerContext context)
    {
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = context,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new DurationConverter() },
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        Config = (JsonTypeInfo<TConfig>)options.GetTypeInfo(typeof(TConfig));
        Output = (JsonTypeInfo<TOutput>)options.GetTypeInfo(typeof(TOutput));
    }

    public JsonTypeInfo<TConfig> Config { get; }

    public JsonTypeInfo<TOutput> Output { get; }

    public (TConfig? Value, ConfigProblem? Problem) Read(ReadOnlySpan<byte> config)
    {
        try
        {
            return JsonSerializer.Deserialize(config, Config) is { } value
                ? (value, null)
                : (null, new ConfigProblem("", "The config is null; it must be an object."));
        }
        catch (JsonException exception)
        {
            var path = exception.Path is { Length: > 2 } found ? found[2..] : "";
            return (null, new ConfigProblem(path, FirstSentence(exception.Message)));
        }
    }

    public NodeResult Write(NodeResult<TOutput> result)
    {
        if (result.Failure is { } failure)
        {
            return new NodeResult.Failed(failure);
        }

        if (result.Suspension is { } suspension)
        {
            return new NodeResult.Suspended(suspension.Until);
        }

        var output = JsonSerializer.SerializeToUtf8Bytes(result.Output!, Output);
        return result.End is { } end
            ? new NodeResult.Ended(output, end.Succeeded, end.Message)
            : new NodeResult.Completed(output, result.Port);
    }

    // The serializer ends its messages with "Path: $.x | LineNumber: 0 | …", which the problem's own path says better.
    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path: $", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
