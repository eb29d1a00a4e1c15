using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Sdk;

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
            // Members of an object have no order (RFC 8259, section 4); neither has the one that says which form of a union it is.
            AllowOutOfOrderMetadataProperties = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        Config = (JsonTypeInfo<TConfig>)options.GetTypeInfo(typeof(TConfig));
        Output = (JsonTypeInfo<TOutput>)options.GetTypeInfo(typeof(TOutput));
    }

    public JsonTypeInfo<TConfig> Config { get; }

    public JsonTypeInfo<TOutput> Output { get; }

    /// <summary>The result in the form that crosses the boundary; null where the node returned nothing at all.</summary>
    public NodeResult? Write(NodeResult<TOutput> result)
    {
        if (result.Failure is { } failure)
        {
            return new NodeResult.Failed(failure);
        }

        if (result.Suspension is { } suspension)
        {
            return new NodeResult.Suspended(suspension.Until);
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
}

/// <summary>Puts what the serializer refuses, and the schema does not, into words without CLR types.</summary>
internal static class ConfigFault
{
    private static readonly string? Serializer = typeof(JsonSerializer).Assembly.GetName().Name;

    public static ConfigProblem Of(JsonException exception)
    {
        var path = exception.Path is { Length: > 2 } found ? found[2..] : "";
        // A converter of the author's speaks to workflow builders; the serializer speaks to programmers.
        return new ConfigProblem(path, exception.Source != Serializer ? exception.Message
            : path.Length == 0 ? "The config cannot be read: a value is out of range or not in the expected format."
            : "cannot hold this value: it is out of range or not in the expected format.");
    }
}
