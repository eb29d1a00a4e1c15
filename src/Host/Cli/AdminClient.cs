using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>Talks to the admin API of a running host.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    public AdminClient(string url, string? apiKey)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            throw new CommandException($"--url {url} is no address; write it as http://127.0.0.1:5181.");
        }

        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    public static Option<string> UrlOption() => new("--url")
    {
        Description = $"The admin API of the running host [default: the first of SLUICE__ADMIN__URLS, else {AdminOptions.DefaultUrls}]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SLUICE__ADMIN__URLS") is { Length: > 0 } urls ? urls.Split(';')[0] : AdminOptions.DefaultUrls,
    };

    public static Option<string?> KeyOption() => new("--api-key")
    {
        Description = "The key of its admin routes [default: SLUICE__ADMIN__APIKEY]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SLUICE__ADMIN__APIKEY"),
    };

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(Text(await SendAsync(HttpMethod.Get, path, null, cancellationToken)), type);

    public async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(Text(await SendAsync(HttpMethod.Post, path, null, cancellationToken)), type);

    /// <summary>The bytes of an answer of another media type than JSON.</summary>
    public Task<byte[]> GetBytesAsync(string path, string mediaType, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, mediaType, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> SendAsync(HttpMethod method, string path, string? accept, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (accept is not null)
            {
                request.Headers.Accept.ParseAdd(accept);
            }

            using var response = await _http.SendAsync(request, cancellationToken);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? bytes : throw new CommandException(Explain(response, Text(bytes)));
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"No host answers at {_http.BaseAddress}: {exception.Message}. Start one with `sluice serve`, or name it with --url.", exception);
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Explain(HttpResponseMessage response, string text)
    {
        try
        {
            using var problem = JsonDocument.Parse(text);
            return problem.RootElement.GetProperty("detail").GetString()!;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"The host answered {(int)response.StatusCode}: {text}";
        }
    }

    private static T Read<T>(string text, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(text, type) ?? throw new CommandException("The host answered with an empty document; is it a Sluice host?");
}
