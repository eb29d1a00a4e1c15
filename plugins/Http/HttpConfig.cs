using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Http;

/// <summary>The config of <see cref="Http"/>.</summary>
public sealed record HttpConfig(
    [Field("The address: http or https, without a user name or password in it (send those as a header).", Example = "\"https://api.example.com/orders\"")]
    string Url,
    [Field("The HTTP method; `GET` by default.", Example = "\"POST\"")]
    string Method = "GET",
    [Field("The request's headers by name. `Host`, `Content-Length`, `Transfer-Encoding` and `Connection` are set by the host. "
        + "`Idempotency-Key` is sent on every call, the same on each attempt of this step, unless it is given here.",
        Example = """{"Authorization":"Bearer abc"}""")]
    OrderedDictionary<string, string>? Headers = null,
    [Field("Added to the query of `url`, encoded: a text, number or boolean each, or a list for a name that stands more than once. Null is left out.",
        Example = """{"page":2,"tag":["a","b"]}""")]
    OrderedDictionary<string, JsonElement>? Query = null,
    [Field("The request's body; none by default. A text is sent as it stands (`text/plain; charset=utf-8`), anything else as JSON "
        + "(`application/json`); a `Content-Type` in `headers` wins.", Example = """{"id":42}""")]
    JsonElement? Body = null,
    [Field("The fields of a form, sent as `application/x-www-form-urlencoded`; not together with `body`.", Example = """{"grant_type":"client_credentials"}""")]
    OrderedDictionary<string, string>? Form = null,
    [Field("How long the whole call may take, redirects and body included; 30s by default, 10m at most.", Default = "\"30s\"", Example = "\"5s\"")]
    TimeSpan? Timeout = null,
    [Field("Whether to follow redirects, up to 10; true by default. `Authorization`, `Cookie` and every header that holds a secret stay behind when "
        + "a redirect leaves the origin; one from https to http is not followed.", Example = "false")]
    bool FollowRedirects = true,
    [Field("The statuses that count as success: one or a list of `200`, `\"2xx\"` or `\"200-299\"`; `2xx` by default. Any other fails the step.",
        Default = "\"2xx\"", Example = """["2xx",404]""")]
    JsonElement? ExpectStatus = null);

/// <summary>The output of <see cref="Http"/>.</summary>
public sealed record HttpOutput(
    [Field("The HTTP status of the last response.", Example = "200")] int Status,
    [Field("The response's headers, names in lower case; several values of one name are joined with `, `.")] OrderedDictionary<string, string> Headers,
    [Field("The body: JSON where the content type says so and it is, else text; null where it is empty. At most 10 MB.")] JsonElement? Body);
