using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Host.Cli;

/// <summary>Talks to the admin API of a running host.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    public AdminClient(string url, string? apiKey)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            throw new CommandException($"--url {url} is no address; write it as http://127.0.0.1:5180.");
        }

        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    public static Option<string> UrlOption() => new("--url") { Description = "The running host", DefaultValueFactory = _ => "http://127.0.0.1:5180" };

    public static Option<string?> KeyOption() => new("--api-key")
    {
        Description = "The key of its admin routes [default: SLUICE__ADMIN__APIKEY]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SLUICE__ADMIN__APIKEY"),
    };

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Get, path, cancellationToken), type);

    public async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Post, path, cancellationToken), type);

    public void Dispose() => _http.Dispose();

    private async Task<string> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? text : throw new CommandException(Explain(response, text));
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"No host answers at {_http.BaseAddress}: {exception.Message}. Start one with `sluice serve`, or name it with --url.", exception);
        }
    }

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
