using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Http;

/// <summary>Sends a request and follows its redirects (RFC 9110, section 15.4).</summary>
internal sealed class HttpCall(HttpConfig config, NodeContext context)
{
    private const int MostRedirects = 10;
    private const string IdempotencyKey = "Idempotency-Key";

    private HttpMethod _method = HttpMethod.Parse(config.Method.ToUpperInvariant());
    private Uri _address = AddressOf(config);
    private bool _withBody = true;
    private bool _withCredentials = true;

    /// <summary>The method and the address for messages, without the query, which may contain a secret.</summary>
    public string Name => $"{_method} {_address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}";

    /// <summary>Why a redirect was not followed; null if all were.</summary>
    public string? Stopped { get; private set; }

    /// <summary>Returns the last response, with an unread body.</summary>
    public async Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = Request();
            var response = await context.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!config.FollowRedirects || !IsRedirect(response) || !Follow(response, redirects))
            {
                return response;
            }

            response.Dispose();
        }
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is not null;

    private bool Follow(HttpResponseMessage response, int redirects)
    {
        if (!Uri.TryCreate(_address, response.Headers.Location!, out var target))
        {
            Stopped = $"{Name} redirects to an invalid address.";
            return false;
        }

        Stopped = redirects == MostRedirects ? $"{Name} redirects again after {MostRedirects} redirects, which is the maximum."
            : target.Scheme == Uri.UriSchemeHttp || target.Scheme == Uri.UriSchemeHttps ? null
            : $"{Name} redirects to an address that is neither http nor https.";
        if (Stopped is null && _address.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp)
        {
            Stopped = $"{Name} redirects from https to http. Such a redirect is not followed.";
        }

        if (Stopped is not null)
        {
            return false;
        }

        // As in browsers: a POST becomes a GET on 301 and 302, every method does on 303, and 307 and 308 repeat the request.
        var status = (int)response.StatusCode;
        if (status == 303 || (status is 301 or 302 && _method == HttpMethod.Post))
        {
            _method = _method == HttpMethod.Head ? HttpMethod.Head : HttpMethod.Get;
            _withBody = false;
        }

        _withCredentials &= Origin(target) == Origin(_address);
        _address = target;
        return true;
    }

    private HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(_method, _address) { Content = _withBody ? Content() : null };
        foreach (var (name, value) in config.Headers ?? [])
        {
            if (!_withCredentials && IsCredential(name, value))
            {
                continue;
            }

            if (!request.Headers.TryAddWithoutValidation(name, value) && request.Content is { } content)
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (!request.Headers.Contains(IdempotencyKey))
        {
            request.Headers.TryAddWithoutValidation(IdempotencyKey, context.IdempotencyKey);
        }

        return request;
    }

    private HttpContent? Content()
    {
        if (config.Form is { } form)
        {
            return new FormUrlEncodedContent(form);
        }

        return config.Body switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => new StringContent(text.GetString()!, Encoding.UTF8, "text/plain"),
            { } json => new ByteArrayContent(JsonMarshal.GetRawUtf8Value(json).ToArray()) { Headers = { { "Content-Type", "application/json" } } },
        };
    }

    private bool IsCredential(string name, string value) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase)
        || context.Secrets.Values.Any(secret => secret.Length > 0 && value.Contains(secret, StringComparison.Ordinal));

    private static string Origin(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.StrongPort, UriFormat.UriEscaped);

    private static Uri AddressOf(HttpConfig config)
    {
        var address = new UriBuilder(config.Url) { Fragment = "" };
        var query = new StringBuilder(address.Query.TrimStart('?'));
        foreach (var (name, value) in config.Query ?? [])
        {
            IEnumerable<JsonElement> values = value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : [value];
            foreach (var one in values.Where(one => one.ValueKind is not JsonValueKind.Null))
            {
                query.Append(CultureInfo.InvariantCulture, $"{(query.Length > 0 ? "&" : "")}{Uri.EscapeDataString(name)}={Uri.EscapeDataString(Text(one))}");
            }
        }

        address.Query = query.ToString();
        return address.Uri;
    }

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
