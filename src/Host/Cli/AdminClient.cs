using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Host.Cli;

/// <summary>A client of the admin API of a running host.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    public AdminClient(string url, string? apiKey)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CommandException($"'{url}' is not an HTTP address. Write --url as http://127.0.0.1:5181.");
        }

        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(Text(await SendAsync(HttpMethod.Get, path, null, cancellationToken)), type);

    public async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(Text(await SendAsync(HttpMethod.Post, path, null, cancellationToken)), type);

    /// <summary>Gets the bytes of a response with a media type other than JSON.</summary>
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
            throw new CommandException(
                $"No host responds at {_http.BaseAddress}: {exception.Message}. Start one with `sluice serve`, or name another one with --url.", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"The host at {_http.BaseAddress} did not respond within {_http.Timeout.TotalSeconds:0} s. Check its log.", exception);
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private string Explain(HttpResponseMessage response, string text)
    {
        try
        {
            using var problem = JsonDocument.Parse(text);
            return problem.RootElement.GetProperty("detail").GetString()!;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{_http.BaseAddress} responded with status {(int)response.StatusCode}. Check that --url is the admin API of a Sluice host.";
        }
    }

    private T Read<T>(string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new CommandException($"{_http.BaseAddress} did not respond as expected. Check that --url is the admin API of a Sluice host.", exception);
        }
    }
}
