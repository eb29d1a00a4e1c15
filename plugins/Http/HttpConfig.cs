using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Http;

/// <summary>The config of <see cref="Http"/>.</summary>
public sealed record HttpConfig(
    [Field("The http or https address, without user name and password. Send credentials in a header.", Example = "\"https://api.example.com/orders\"")]
    string Url,
    [Field("The HTTP method.", Example = "\"POST\"")]
    string Method = "GET",
    [Field("Request headers by name. The host sets `Host`, `Content-Length`, `Transfer-Encoding` and `Connection`. "
        + "Each attempt of the step sends the same `Idempotency-Key`, unless you set it here.",
        Example = """{"Authorization":"Bearer abc"}""")]
    OrderedDictionary<string, string>? Headers = null,
    [Field("Parameters to add to the query of `url`: strings, numbers, booleans, or lists for a repeated name. Null is omitted.",
        Example = """{"page":2,"tag":["a","b"]}""")]
    OrderedDictionary<string, JsonElement>? Query = null,
    [Field("The request body. A string is sent unchanged (`text/plain; charset=utf-8`), anything else as JSON (`application/json`). "
        + "A `Content-Type` in `headers` overrides this.", Example = """{"id":42}""")]
    JsonElement? Body = null,
    [Field("Form fields, sent as `application/x-www-form-urlencoded`. Cannot be combined with `body`.", Example = """{"grant_type":"client_credentials"}""")]
    OrderedDictionary<string, string>? Form = null,
    [Field("Timeout of the whole call, including redirects and the body; at most 10m.", Default = "\"30s\"", Example = "\"5s\"")]
    TimeSpan? Timeout = null,
    [Field("Whether to follow up to 10 redirects. A redirect to another origin drops `Authorization`, `Cookie` and every header with a secret. "
        + "Redirects from https to http are not followed.", Example = "false")]
    bool FollowRedirects = true,
    [Field("Statuses that count as success: one or a list of `200`, `\"2xx\"` or `\"200-299\"`. Any other status fails the step.",
        Default = "\"2xx\"", Example = """["2xx",404]""")]
    JsonElement? ExpectStatus = null);

/// <summary>The output of <see cref="Http"/>.</summary>
public sealed record HttpOutput(
    [Field("The HTTP status of the last response.", Example = "200")] int Status,
    [Field("The response headers. Names are in lower case; several values of one name are joined with `, `.")] OrderedDictionary<string, string> Headers,
    [Field("The body, at most 10 MB: JSON if the content type says so and it is valid, otherwise a string; null if empty.")] JsonElement? Body);
