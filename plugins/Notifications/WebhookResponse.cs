using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Replies to the caller that waits for the run.</summary>
[Node("webhook_response", Name = "Webhook Response", Category = "Notifications & Messaging", Effect = Effect.Reply,
    Summary = "Replies at once to the caller that waits for the run. The run continues after it. Only the first reply of a run is sent.")]
public sealed class WebhookResponse() : Node<WebhookResponseConfig, WebhookResponseOutput>(WebhookResponseJson.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        Sending("A JSON body", new(Body: JsonElement.Parse("""{"received":true}"""))),
        Sending(
            "A string and headers",
            new(
                202, new() { ["Retry-After"] = Text("5"), ["Link"] = JsonElement.Parse("""["</a>; rel=a","</b>; rel=b"]""") },
                Text("Thank you.")),
            202),
        Sending("No body", new(204), 204),
        Sending("XML", new(Body: Text("<ok/>"), BodyType: BodyType.Raw, ContentType: "application/xml")),
        Sending("A web page", new(Body: Text("<h1>Thank you</h1>"), BodyType: BodyType.Html)),
        Sending("Redirect after a form", new(303, Redirect: "/thanks?order=42"), 303),
        Sending(
            "A cookie",
            new(204, Cookies: [new("__Host-session", "6f0c", MaxAge: TimeSpan.FromHours(1), SameSite: SameSite.Strict)]),
            204),
        Sending(
            "A download from base64",
            new(Body: Text("aWQ7YW1vdW50Cg=="), BodyType: BodyType.Base64, ContentType: "text/csv", Download: "Übersicht.csv")),
        Sending(
            "An uploaded file; in a workflow, set body to \"{{ trigger.output.files.document }}\"",
            new(
                Body: JsonElement.Parse("""{"blob":"6f0c2c1de8b94a3f8d27c5a90e1b7f34","name":"cv.pdf","content_type":"application/pdf"}"""),
                BodyType: BodyType.Blob,
                Download: "cv.pdf")),
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(WebhookResponseConfig config)
    {
        foreach (var (name, value) in config.Headers ?? [])
        {
            if (!IsHeader(value))
            {
                return [new($"headers.{name}", "The value of a header must be a string, a number, a boolean, or a list of these.")];
            }
        }

        return config is { Redirect: null, Cookies: null, Download: null }
            ? []
            : [.. Redirect.Problems(config), .. Cookies.Problems(config.Cookies), .. Disposition.Problems(config)];
    }

    /// <inheritdoc/>
    protected override async ValueTask<NodeResult<WebhookResponseOutput>> RunAsync(
        WebhookResponseConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var body = ReplyBody.Of(config);
        if (body.Invalid is not null)
        {
            return new NodeFailure(FailureKind.Config, $"body: {body.Invalid}") { ConfigPath = "body" };
        }

        var status = Redirect.StatusOf(config);
        var headers = HeadersOf(config);
        var headerType = TakeContentType(headers);
        var reply = new Reply(status, body.Bytes) { Blob = body.Blob, ContentType = config.ContentType ?? headerType ?? body.Type, Headers = headers, Sandbox = config.Sandbox };
        try
        {
            var receipt = await context.Responder.ReplyAsync(reply, cancellationToken);
            return new WebhookResponseOutput(receipt.Sent, status, receipt.Reason);
        }
        catch (ReplyRefusedException refused)
        {
            return new NodeFailure(FailureKind.Config, refused.Message);
        }
    }

    private static Example Sending(string summary, WebhookResponseConfig config, int status = 200) =>
        new(summary, config) { Output = new(true, status) };

    private static JsonElement Text(string text) => JsonElement.Parse($"\"{JsonEncodedText.Encode(text)}\"");

    private static bool IsHeader(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind is not JsonValueKind.Array && IsHeader(item)),
        JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };

    // A reply has one content type, which `headers` can set as well.
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

    private static List<KeyValuePair<string, string>> HeadersOf(WebhookResponseConfig config)
    {
        var lines = new List<KeyValuePair<string, string>>();
        if (config.Headers is { } headers)
        {
            AddHeaders(headers, lines);
        }

        if (config.Redirect is { } location)
        {
            lines.Add(new(Redirect.Header, location));
        }

        if (config.Cookies is { } cookies)
        {
            lines.AddRange(cookies.Select(cookie => KeyValuePair.Create("Set-Cookie", Cookies.Write(cookie))));
        }

        if (config.Download is { } fileName)
        {
            lines.Add(new(Disposition.Header, Disposition.Write(fileName)));
        }

        return lines;
    }

    private static void AddHeaders(OrderedDictionary<string, JsonElement> headers, List<KeyValuePair<string, string>> lines)
    {
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
    }
}

/// <summary>The config of <see cref="WebhookResponse"/>.</summary>
public sealed record WebhookResponseConfig(
    [Field("The HTTP status, 200 to 599.", Example = "200", Minimum = 200, Maximum = 599)]
    int Status = 200,
    [Field("Response headers by name: a string, or a list of strings for a header with several values.",
        Example = """{"X-Request-Id":"42"}""")]
    OrderedDictionary<string, JsonElement>? Headers = null,
    [Field("The body. An object, list, number or boolean is sent as JSON. A string is sent unchanged: as `application/json` if it is valid JSON, "
        + "otherwise as `text/plain; charset=utf-8`.", Example = """{"received":true}""")]
    JsonElement? Body = null,
    [Field("What the body is. If omitted, its value decides.", Example = "\"json\"")]
    BodyType? BodyType = null,
    [Field("The `Content-Type`. If omitted, the body decides.", Example = "\"application/xml\"")]
    string? ContentType = null,
    [Field("Redirects the caller to this address (`Location`). The status must be 301, 302 (if omitted), 303, 307 or 308. The address is http, https, "
        + "or relative to the webhook. Do not build all of it from the request: that is an open redirect.", Example = "\"/thanks\"")]
    string? Redirect = null,
    [Field("Cookies to set, each in its own `Set-Cookie` header.", Example = """[{"name":"seen","value":"1"}]""")]
    IReadOnlyList<Cookie>? Cookies = null,
    [Field("Makes browsers save the body under this file name (`Content-Disposition: attachment`). At most 255 characters, no control characters or slashes.", Example = "\"Übersicht.csv\"")]
    string? Download = null,
    [Field("Sends `Content-Security-Policy: sandbox` with an HTML, SVG or XML body, so that its scripts do not run. A policy in `headers` applies as well. "
        + "With `false`, scripts run in the origin of all webhooks: use it only for content that you wrote yourself.", Example = "true")]
    bool Sandbox = true);

/// <summary>How the body of a <see cref="WebhookResponse"/> is read.</summary>
public enum BodyType
{
    [Field("The body must be JSON. A string that is not JSON fails the step, with the position of the error.")]
    Json,

    [Field("A string is sent unchanged and never parsed, as `text/plain; charset=utf-8` unless `content_type` says otherwise.")]
    Raw,

    [Field("A string is sent unchanged as `text/html; charset=utf-8`. Nothing is escaped: do not insert untrusted values.")]
    Html,

    [Field("The bytes of a base64 string (RFC 4648, section 4) are sent, as `application/octet-stream` unless `content_type` says otherwise.")]
    Base64,

    [Field("A file of the run (one of `trigger.output.files`, or its `blob`) is streamed, as `application/octet-stream` unless `content_type` says otherwise.")]
    Blob,
}

/// <summary>The output of <see cref="WebhookResponse"/>.</summary>
public sealed record WebhookResponseOutput(
    [Field("Whether the caller gets this reply.")] bool Sent,
    [Field("The HTTP status.", Example = "200")] int Status,
    [Field("Why the reply was not sent; null if it was.")] string? Reason = null);

[JsonSerializable(typeof(WebhookResponseConfig))]
[JsonSerializable(typeof(WebhookResponseOutput))]
internal sealed partial class WebhookResponseJson : JsonSerializerContext;
