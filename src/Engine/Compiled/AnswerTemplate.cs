using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Expressions;
using Sluice.Engine.Json;
using Sluice.Engine.Replies;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Compiled;

/// <summary>A custom response of a trigger: status, headers, body and content type. One without expressions is built only once.</summary>
internal sealed class AnswerTemplate
{
    private const string JsonType = "application/json";
    private const string TextType = "text/plain; charset=utf-8";

    private readonly ConfigTemplate _config;
    private readonly Reply? _constant;

    /// <exception cref="ReplyRefusedException">It is constant, and not a valid response.</exception>
    public AnswerTemplate(ConfigTemplate config)
    {
        _config = config;
        // A literal config reads nothing from the scope.
        _constant = config.IsLiteral ? Make(null!, int.MaxValue) : null;
    }

    /// <summary>The references that it reads, except secrets.</summary>
    public IReadOnlyCollection<ReferenceUse> References => _config.References;

    /// <summary>The names of the secrets that it reads.</summary>
    public IReadOnlyCollection<string> Secrets => _config.Secrets;

    /// <summary>Builds the response to one request.</summary>
    /// <param name="scope">Returns the scope of the expressions; called only if there are any.</param>
    /// <param name="maxBodyBytes">The most body bytes that the host sends.</param>
    /// <exception cref="ExpressionException">An expression can't be evaluated.</exception>
    /// <exception cref="ReplyRefusedException">It is not a valid response.</exception>
    public Reply ReplyTo(Func<IScope> scope, int maxBodyBytes) => _constant ?? Make(scope(), maxBodyBytes);

    private Reply Make(IScope scope, int maxBodyBytes)
    {
        var config = JsonElement.Parse(JsonText.Write((Config: _config, Scope: scope), static (writer, state) => state.Config.WriteTo(writer, state.Scope)));
        var (body, bodyType) = BodyOf(config);
        var headers = config.TryGetProperty("headers", out var given) ? HeadersOf(given) : [];
        var type = config.TryGetProperty("content_type", out var named) && named.ValueKind is not JsonValueKind.Null ? TextOf("content_type", named) : bodyType;
        var reply = new Reply(StatusOf(config.GetProperty("status")), body) { Headers = headers, ContentType = type };
        ReplyRules.Check(reply, maxBodyBytes);
        return reply;
    }

    private static int StatusOf(JsonElement status) => status.ValueKind is JsonValueKind.Number && status.TryGetInt32(out var number)
        ? number
        : throw new ReplyRefusedException("The status is not a whole number.");

    // Like the node webhook_response: a string that is itself JSON is sent as JSON.
    private static (ReadOnlyMemory<byte> Body, string? Type) BodyOf(JsonElement config)
    {
        if (!config.TryGetProperty("body", out var body) || body.ValueKind is JsonValueKind.Null)
        {
            return default;
        }

        if (body.ValueKind is not JsonValueKind.String)
        {
            return (JsonMarshal.GetRawUtf8Value(body).ToArray(), JsonType);
        }

        var text = Encoding.UTF8.GetBytes(body.GetString()!);
        return (text, IsJson(text) ? JsonType : TextType);
    }

    private static bool IsJson(byte[] text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static List<KeyValuePair<string, string>> HeadersOf(JsonElement headers)
    {
        if (headers.ValueKind is not JsonValueKind.Object)
        {
            throw new ReplyRefusedException("The headers are not an object.");
        }

        var lines = new List<KeyValuePair<string, string>>();
        foreach (var header in headers.EnumerateObject())
        {
            var values = header.Value.ValueKind is JsonValueKind.Array ? [.. header.Value.EnumerateArray()] : new[] { header.Value };
            lines.AddRange(values.Select(value => KeyValuePair.Create(header.Name, TextOf(header.Name, value))));
        }

        return lines;
    }

    private static string TextOf(string name, JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null
        ? throw new ReplyRefusedException($"The value of {name} is not a string.")
        : value.ToString();
}
