using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Replies to the waiting caller; the run continues.</summary>
[Node("webhook_response", Name = "Webhook Response", Category = "Notifications & Messaging", Effect = Effect.Reply,
    Summary = "Replies at once to the caller that waits for the run. The run continues after it. Only the first reply of a run is sent.")]
[NodeExample("A JSON body", """{"status":200,"body":{"received":true}}""", Output = """{"sent":true,"status":200,"reason":null}""")]
[NodeExample("A string and headers", """{"status":202,"headers":{"Retry-After":"5","Link":["</a>; rel=a","</b>; rel=b"]},"body":"Thank you."}""",
    Output = """{"sent":true,"status":202,"reason":null}""")]
[NodeExample("No body", """{"status":204}""", Output = """{"sent":true,"status":204,"reason":null}""")]
[NodeExample("XML", """{"body":"<ok/>","body_type":"raw","content_type":"application/xml"}""", Output = """{"sent":true,"status":200,"reason":null}""")]
[NodeExample("A web page", """{"body":"<h1>Thank you</h1>","body_type":"html"}""", Output = """{"sent":true,"status":200,"reason":null}""")]
[NodeExample("Redirect after a form", """{"status":303,"redirect":"/thanks?order=42"}""", Output = """{"sent":true,"status":303,"reason":null}""")]
[NodeExample("A cookie", """{"status":204,"cookies":[{"name":"__Host-session","value":"6f0c","max_age":"1h","same_site":"strict"}]}""",
    Output = """{"sent":true,"status":204,"reason":null}""")]
[NodeExample("A download from base64", """{"body":"aWQ7YW1vdW50Cg==","body_type":"base64","content_type":"text/csv","download":"Übersicht.csv"}""",
    Output = """{"sent":true,"status":200,"reason":null}""")]
[NodeExample("An uploaded file; in a workflow, set body to \"{{ trigger.output.files.document }}\"",
    """{"body":{"blob":"6f0c2c1de8b94a3f8d27c5a90e1b7f34","name":"cv.pdf","content_type":"application/pdf"},"body_type":"blob","download":"cv.pdf"}""",
    Output = """{"sent":true,"status":200,"reason":null}""")]
public sealed class WebhookResponse() : Node<WebhookResponseConfig, WebhookResponseOutput>(Json.Default)
{
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
