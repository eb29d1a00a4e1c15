using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Answers the waiting caller; the run goes on.</summary>
[Node("webhook_response", Name = "Webhook Response", Category = "Notifications & Messaging", Effect = Effect.Reply,
    Summary = "Sends the HTTP response to the caller who waits for this run, at once; the run goes on after it. Only the first reply of a run is sent.")]
[NodeExample("A JSON body", """{"status":200,"body":{"received":true}}""", Output = """{"sent":true,"status":200,"reason":null}""")]
[NodeExample("A text, and headers", """{"status":202,"headers":{"Retry-After":"5","Link":["</a>; rel=a","</b>; rel=b"]},"body":"Thank you."}""",
    Output = """{"sent":true,"status":202,"reason":null}""")]
[NodeExample("No body", """{"status":204}""", Output = """{"sent":true,"status":204,"reason":null}""")]
[NodeExample("XML", """{"body":"<ok/>","body_type":"raw","content_type":"application/xml"}""", Output = """{"sent":true,"status":200,"reason":null}""")]
public sealed class WebhookResponse() : Node<WebhookResponseConfig, WebhookResponseOutput>(Json.Default)
{
    private const string JsonType = "application/json";
    private const string TextType = "text/plain; charset=utf-8";

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(WebhookResponseConfig config)
    {
        if (config.Status is < 200 or > 599)
        {
            return [new("status", $"{config.Status} is no final HTTP status; use 200 to 599.")];
        }

        foreach (var (name, value) in config.Headers ?? [])
        {
            if (!IsHeader(value))
            {
                return [new($"headers.{name}", "A header's value is a text, a number or a boolean, or a list of those.")];
            }
        }

        return [];
    }

    /// <inheritdoc/>
    protected override async ValueTask<NodeResult<WebhookResponseOutput>> RunAsync(
        WebhookResponseConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var (body, type, invalid) = BodyOf(config);
        if (invalid is not null)
        {
            return new NodeFailure(FailureKind.Config, $"body: With `body_type: json` the body must be JSON. {invalid}");
        }

        var headers = config.Headers is null ? [] : HeadersOf(config.Headers);
        var headerType = TakeContentType(headers);
        var reply = new Reply(config.Status, body) { ContentType = config.ContentType ?? headerType ?? type, Headers = headers };
        try
        {
            var receipt = await context.Responder.ReplyAsync(reply, cancellationToken);
            return new WebhookResponseOutput(receipt.Sent, config.Status, receipt.Reason);
        }
        catch (ReplyRefusedException refused)
        {
            return new NodeFailure(FailureKind.Config, refused.Message);
        }
    }

    private static (ReadOnlyMemory<byte> Body, string? Type, string? Invalid) BodyOf(WebhookResponseConfig config)
    {
        if (config.Body is not { } body)
        {
            return default;
        }

        if (body.ValueKind is not JsonValueKind.String)
        {
            return (JsonMarshal.GetRawUtf8Value(body).ToArray(), JsonType, null);
        }

        var text = Encoding.UTF8.GetBytes(body.GetString()!);
        return config.BodyType switch
        {
            BodyType.Raw => (text, TextType, null),
            BodyType.Json => (text, JsonType, JsonProblem(text)),
            _ => (text, MayBeJson(text) && JsonProblem(text) is null ? JsonType : TextType, null),
        };
    }

    // Most plain texts show by their first letter what they are, and the parser says no by an exception, which costs ten times as much.
    private static bool MayBeJson(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        return !text.IsEmpty
            && text[0] is (byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n' or (>= (byte)'0' and <= (byte)'9');
    }

    /// <summary>What makes a text not JSON, and where; null where it is JSON.</summary>
    private static string? JsonProblem(byte[] text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }

    private static bool IsHeader(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind is not JsonValueKind.Array && IsHeader(item)),
        JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };

    // A reply has one content type, wherever it was written.
    private static string? TakeContentType(List<KeyValuePair<string, string>> headers)
    {
        var index = headers.FindIndex(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            return null;
        }

        var type = headers[index].Value;
        headers.RemoveAt(index);
        return type;
    }

    private static List<KeyValuePair<string, string>> HeadersOf(OrderedDictionary<string, JsonElement> headers)
    {
        var lines = new List<KeyValuePair<string, string>>(headers.Count);
        foreach (var (name, value) in headers)
        {
            if (value.ValueKind is JsonValueKind.Array)
            {
                lines.AddRange(value.EnumerateArray().Select(item => KeyValuePair.Create(name, item.ToString())));
            }
            else
            {
                lines.Add(new(name, value.ToString()));
            }
        }

        return lines;
    }
}

/// <summary>How a body is read.</summary>
public enum BodyType
{
    /// <summary>The body must be JSON.</summary>
    [Field("The body must be JSON: a text that is not JSON makes the step fail, and the message says where.")]
    Json,

    /// <summary>The body is never parsed.</summary>
    [Field("A text is sent as it stands and never parsed; `text/plain; charset=utf-8` unless `content_type` says otherwise.")]
    Raw,
}

/// <summary>The config of <see cref="WebhookResponse"/>.</summary>
public sealed record WebhookResponseConfig(
    [Field("The HTTP status, 200 to 599; 200 by default.", Example = "200", Minimum = 200, Maximum = 599)]
    int Status = 200,
    [Field("The response's headers by name; each a text, or a list of texts for a header that stands more than once.",
        Example = """{"X-Request-Id":"42"}""")]
    OrderedDictionary<string, JsonElement>? Headers = null,
    [Field("The body; empty by default. An object, list, number or boolean is sent as JSON. A text is sent as it stands: as `application/json` "
        + "where it is itself JSON, else as `text/plain; charset=utf-8`.", Example = """{"received":true}""")]
    JsonElement? Body = null,
    [Field("`json` insists that the body is JSON, `raw` never parses it; by default the body decides.", Example = "\"json\"")]
    BodyType? BodyType = null,
    [Field("The `Content-Type`; wins over what the body says. By default the body decides.", Example = "\"application/xml\"")]
    string? ContentType = null);

/// <summary>The output of <see cref="WebhookResponse"/>.</summary>
public sealed record WebhookResponseOutput(
    [Field("True where this reply is the one that the caller gets.")] bool Sent,
    [Field("The HTTP status.", Example = "200")] int Status,
    [Field("Why it was not sent, as a sentence; null where it was.")] string? Reason = null);
