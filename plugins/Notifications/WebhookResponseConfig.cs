using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>How a body is read.</summary>
public enum BodyType
{
    /// <summary>The body must be JSON.</summary>
    [Field("The body must be JSON. A string that is not JSON fails the step, with the position of the error.")]
    Json,

    /// <summary>The body is never parsed.</summary>
    [Field("A string is sent unchanged and never parsed, as `text/plain; charset=utf-8` unless `content_type` says otherwise.")]
    Raw,

    /// <summary>The body is a web page.</summary>
    [Field("A string is sent unchanged as `text/html; charset=utf-8`. Nothing is escaped: do not insert untrusted values.")]
    Html,

    /// <summary>The body is bytes in base64.</summary>
    [Field("The bytes of a base64 string (RFC 4648, section 4) are sent, as `application/octet-stream` unless `content_type` says otherwise.")]
    Base64,

    /// <summary>The body is a file of the run.</summary>
    [Field("A file of the run (one of `trigger.output.files`, or its `blob`) is streamed, as `application/octet-stream` unless `content_type` says otherwise.")]
    Blob,
}

/// <summary>Whether a browser sends a cookie along with requests that another site makes (RFC 6265bis, section 5.6.7).</summary>
public enum SameSite
{
    /// <summary>Links from elsewhere only.</summary>
    [Field("Sent when a user follows a link from another site, not with requests that the other site makes.")]
    Lax,

    /// <summary>Never.</summary>
    [Field("Never sent with requests from another site.")]
    Strict,

    /// <summary>Always.</summary>
    [Field("Always sent. Requires `secure`.")]
    None,
}

/// <summary>A cookie to set (RFC 6265bis, section 4.1).</summary>
public sealed record Cookie(
    [Field("The name: letters, digits, `!#$%&'*+-.^_|~` and the backtick. Browsers enforce the prefixes `__Host-` and `__Secure-`.", Example = "\"__Host-session\"")]
    string Name,
    [Field("The value, without spaces, commas, semicolons, backslashes and quotation marks. Encode values that can contain them.", Example = "\"6f0c\"")]
    string Value = "",
    [Field("How long browsers keep it: whole seconds, at most 9600h (400 days). `0s` deletes it. If omitted, until the browser closes.", Example = "\"1h\"")]
    TimeSpan? MaxAge = null,
    [Field("The path below which browsers send it.", Example = "\"/\"")]
    string Path = "/",
    [Field("The domain whose hosts get it. If omitted, only the host that replies.", Example = "\"shop.example\"")]
    string? Domain = null,
    [Field("Whether it is sent over TLS only.", Example = "true")]
    bool Secure = true,
    [Field("Whether scripts cannot read it.", Example = "true")]
    bool HttpOnly = true,
    [Field("Whether it is sent with requests from other sites.", Example = "\"lax\"")]
    SameSite SameSite = SameSite.Lax);

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

/// <summary>The output of <see cref="WebhookResponse"/>.</summary>
public sealed record WebhookResponseOutput(
    [Field("Whether the caller gets this reply.")] bool Sent,
    [Field("The HTTP status.", Example = "200")] int Status,
    [Field("Why the reply was not sent; null if it was.")] string? Reason = null);
