using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Sdk;

/// <summary>Serializes the config and the output of one node under the SDK's rules, whatever the options of the author's context say.</summary>
internal sealed class NodeJson<TConfig, TOutput>
    where TConfig : class
{
    private readonly JsonSerializerContext _context;

    public NodeJson(JsonSerializerContext context)
    {
        _context = context;
        var options = OptionsOf(context);
        Config = (JsonTypeInfo<TConfig>)options.GetTypeInfo(typeof(TConfig));
        Output = (JsonTypeInfo<TOutput>)options.GetTypeInfo(typeof(TOutput));
    }

    public JsonTypeInfo<TConfig> Config { get; }

    public JsonTypeInfo<TOutput> Output { get; }

    /// <summary>Converts typed examples to those of a spec.</summary>
    public IEnumerable<NodeExample> Write(IReadOnlyList<Node<TConfig, TOutput>.Example> examples)
    {
        if (examples.Count == 0)
        {
            return [];
        }

        // A workflow builder reads the config of an example: only the members that differ from their defaults matter.
        var options = OptionsOf(_context.WithAddedModifier(OmitDefaults));
        var config = (JsonTypeInfo<TConfig>)options.GetTypeInfo(typeof(TConfig));
        return examples.Select(example => new NodeExample(
            example.Summary,
            JsonSerializer.Serialize(example.Config, config),
            example.HasOutput ? JsonSerializer.Serialize(example.Output!, Output) : null,
            example.Port,
            example.NeedsNetwork));
    }

    /// <summary>Converts a result to the form that crosses the boundary; null if the node returned nothing.</summary>
    public NodeResult? Write(NodeResult<TOutput> result)
    {
        if (result.Failure is { } failure)
        {
            return new NodeResult.Failed(failure);
        }

        if (result.Suspension is { } suspension)
        {
            return new NodeResult.Suspended(suspension.Until) { Signal = suspension.Signal };
        }

        if (result.Output is null)
        {
            return null;
        }

        var output = JsonSerializer.SerializeToUtf8Bytes(result.Output, Output);
        return result.End is { } end
            ? new NodeResult.Ended(output, end.Succeeded, end.Message)
            : new NodeResult.Completed(output, result.Port);
    }

    private static JsonSerializerOptions OptionsOf(IJsonTypeInfoResolver resolver) => new()
    {
        TypeInfoResolver = resolver,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new DurationConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        // Members of an object have no order (RFC 8259, section 4), and neither has the discriminator of a union.
        AllowOutOfOrderMetadataProperties = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static void OmitDefaults(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is { HasDefaultValue: true } parameter)
            {
                property.ShouldSerialize = (_, value) => !Equals(value, parameter.DefaultValue);
            }
        }
    }
}

/// <summary>Describes what the serializer rejects and the schema allows, without CLR types.</summary>
internal static class ConfigFault
{
    private static readonly string? Serializer = typeof(JsonSerializer).Assembly.GetName().Name;

    public static ConfigProblem Of(JsonException exception)
    {
        var path = exception.Path is { Length: > 2 } found ? found[2..] : "";
        // Messages of the author's converters are for workflow builders; those of the serializer are for programmers.
        return new ConfigProblem(path, exception.Source != Serializer ? exception.Message
            : path.Length == 0 ? "The config cannot be read: a value is out of range or not in the expected format."
            : "cannot hold this value: it is out of range or not in the expected format.");
    }
}
