using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>How a body is read.</summary>
public enum BodyType
{
    /// <summary>The body must be JSON.</summary>
    [Field("The body must be JSON: a text that is not JSON makes the step fail, and the message says where.")]
    Json,

    /// <summary>The body is never parsed.</summary>
    [Field("A text is sent as it stands and never parsed; `text/plain; charset=utf-8` unless `content_type` says otherwise.")]
    Raw,

    /// <summary>The body is a web page.</summary>
    [Field("A text is sent as it stands, as `text/html; charset=utf-8`. Nothing in it is escaped: what came from outside must not stand in it as it came.")]
    Html,

    /// <summary>The body is bytes in base64.</summary>
    [Field("A text in base64 (RFC 4648, section 4); its bytes are sent, as `application/octet-stream` unless `content_type` says otherwise.")]
    Base64,

    /// <summary>The body is a file of the run.</summary>
    [Field("A file of this run, one of `trigger.output.files` or its `blob`, streamed from the disk; as `application/octet-stream` unless `content_type` says "
        + "otherwise, because what the caller says of a file is not to be trusted.")]
    Blob,
}

/// <summary>Whether a browser sends a cookie along with requests that another site makes (RFC 6265bis, section 5.6.7).</summary>
public enum SameSite
{
    /// <summary>Links from elsewhere only.</summary>
    [Field("Sent along when somebody follows a link from another site, not with what that site requests by itself.")]
    Lax,

    /// <summary>Never.</summary>
    [Field("Never sent along with a request that another site makes.")]
    Strict,

    /// <summary>Always.</summary>
    [Field("Sent along always; needs `secure`.")]
    None,
}

/// <summary>A cookie to set (RFC 6265bis, section 4.1).</summary>
public sealed record Cookie(
    [Field("The name: letters, digits and `!#$%&'*+-.^_|~` and the backtick. `__Host-` and `__Secure-` at its start promise what browsers hold it to.", Example = "\"__Host-session\"")]
    string Name,
    [Field("The value; no space, comma, semicolon, backslash or quotation mark. Encode what may hold one.", Example = "\"6f0c\"")]
    string Value = "",
    [Field("How long browsers keep it, whole seconds and at most 9600h (400 days); `0s` deletes it. By default until the browser is closed.", Example = "\"1h\"")]
    TimeSpan? MaxAge = null,
    [Field("Below which path it is sent along.", Example = "\"/\"")]
    string Path = "/",
    [Field("The domain whose hosts it is sent to; by default the host that is answering, alone.", Example = "\"shop.example\"")]
    string? Domain = null,
    [Field("Sent over TLS only.", Example = "true")]
    bool Secure = true,
    [Field("Hidden from the scripts of pages.", Example = "true")]
    bool HttpOnly = true,
    [Field("Whether it is sent along with requests that another site makes.", Example = "\"lax\"")]
    SameSite SameSite = SameSite.Lax);

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
    [Field("`json` insists that the body is JSON, `raw` never parses it, `html`, `base64` and `blob` say what else it is; by default the body decides.", Example = "\"json\"")]
    BodyType? BodyType = null,
    [Field("The `Content-Type`; wins over what the body says. By default the body decides.", Example = "\"application/xml\"")]
    string? ContentType = null,
    [Field("Sends the caller on to this address (`Location`), with status 301, 302, 303, 307 or 308; 302 where `status` is left out. A whole http or https "
        + "address, or one relative to this webhook's. Never make all of it out of what the caller sent: it would send people anywhere.", Example = "\"/thanks\"")]
    string? Redirect = null,
    [Field("Cookies to set; each a header `Set-Cookie` of its own.", Example = """[{"name":"seen","value":"1"}]""")]
    IReadOnlyList<Cookie>? Cookies = null,
    [Field("Has browsers save the body under this file name (`Content-Disposition: attachment`); any characters but controls and slashes, at most 255.", Example = "\"Übersicht.csv\"")]
    string? Download = null,
    [Field("Sends `Content-Security-Policy: sandbox` with an HTML, SVG or XML body, so that its scripts don't run; a policy of your own in `headers` applies as well. "
        + "`false` lets the scripts of a page run in the origin of all webhooks: only for content that you wrote yourself.", Example = "true")]
    bool Sandbox = true);

/// <summary>The output of <see cref="WebhookResponse"/>.</summary>
public sealed record WebhookResponseOutput(
    [Field("True where this reply is the one that the caller gets.")] bool Sent,
    [Field("The HTTP status.", Example = "200")] int Status,
    [Field("Why it was not sent, as a sentence; null where it was.")] string? Reason = null);
