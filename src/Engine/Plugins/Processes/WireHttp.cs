using System.Net.Http.Headers;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>Converts HTTP messages for the transfer between the processes.</summary>
internal static class WireHttp
{
    /// <summary>The maximum body size in either direction; both processes hold it in memory as a whole.</summary>
    public const int MaxBodyBytes = 32 * 1024 * 1024;

    public static KeyValuePair<string, string>[] Pairs(HttpHeaders headers) =>
        [.. headers.NonValidated.SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value))];

    public static void Add(HttpHeaders headers, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        foreach (var (name, value) in pairs)
        {
            headers.TryAddWithoutValidation(name, value);
        }
    }

    public static HttpRequestMessage ToMessage(WireRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Address) { Version = Version.Parse(request.Version) };
        Add(message.Headers, request.Headers);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            Add(message.Content.Headers, request.ContentHeaders);
        }

        return message;
    }

    public static async Task<WireResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return new WireResponse
        {
            Status = (int)response.StatusCode,
            Reason = response.ReasonPhrase,
            Headers = Pairs(response.Headers),
            ContentHeaders = Pairs(response.Content.Headers),
            Body = body,
        };
    }
}
