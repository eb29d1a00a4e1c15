using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Sluice.Crash.Tests;

/// <summary>Sends webhooks to a host and asks its API. A request is sent once: what comes of it, or that nothing came, is the result.</summary>
internal sealed class HostClient(HostProcess host, int connections = 8) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = host.Address, Timeout = _patience };
    private readonly Uri _admin = host.AdminAddress;

    /// <summary>Posts to a webhook. An answer counts when the last byte of it has come.</summary>
    /// <param name="workflow">Whose webhook.</param>
    /// <param name="number">What is sent, and tells the requests apart.</param>
    /// <param name="key">The <c>Idempotency-Key</c>; null for none.</param>
    public async Task<Exchange> PostAsync(string workflow, int number, string? key = null)
    {
        try
        {
            using var content = new StringContent($$"""{"number":{{number}}}""", Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/hooks/{workflow}", UriKind.Relative)) { Content = content };
            if (key is not null)
            {
                request.Headers.Add("Idempotency-Key", key);
            }

            using var response = await _http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            var run = response.Headers.TryGetValues("Sluice-Run-Id", out var values) ? values.Single() : null;
            return new Exchange(number, workflow, (int)response.StatusCode, run, body);
        }
        catch (HttpRequestException lost)
        {
            return new Exchange(number, workflow, null, null, lost.Message);
        }
    }

    /// <summary>A run as the API shows it; null where the host is gone.</summary>
    public async Task<JsonElement?> ShowAsync(string run)
    {
        try
        {
            return await _http.GetFromJsonAsync<JsonElement>(new Uri(_admin, $"/api/runs/{run}"));
        }
        // The second one where the answer had begun already.
        catch (Exception lost) when (lost is HttpRequestException or HttpIOException)
        {
            return null;
        }
    }

    /// <summary>Completes when a run has this status; gives the run.</summary>
    public async Task<JsonElement> WhenAsync(string run, string status, HostProcess host)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            var shown = await ShowAsync(run);
            if (shown?.GetProperty("status").GetString() == status)
            {
                return shown.Value;
            }

            Assert.False(patience.IsCancellationRequested, $"Run {run} never was {status}: {shown}\n{host.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>What the admin API answers to a GET, as text.</summary>
    public Task<string> TextAsync(string path) => _http.GetStringAsync(new Uri(_admin, path));

    /// <summary>Every run with its status, newest first.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync()
    {
        var all = new Dictionary<string, string>();
        for (var before = ""; before is not null;)
        {
            var page = await PageAsync($"limit=1000{before}");
            foreach (var run in page)
            {
                all.Add(run.GetProperty("id").GetString()!, run.GetProperty("status").GetString()!);
            }

            before = page is [.., var last] ? $"&before={last.GetProperty("id").GetString()}" : null;
        }

        return all;
    }

    /// <summary>Completes when no run is queued, running or suspended.</summary>
    public async Task WhenAllRunsHaveEndedAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        foreach (var status in (string[])["queued", "running", "suspended"])
        {
            while (await PageAsync($"limit=1&status={status}") is [var run])
            {
                Assert.False(patience.IsCancellationRequested, $"Run {run.GetProperty("id")} is still {status}.\n{host.Output}");
                await Task.Delay(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    /// <summary>What <c>/readyz</c> answers.</summary>
    public async Task<System.Net.HttpStatusCode> ReadinessAsync()
    {
        using var response = await _http.GetAsync(new Uri("/readyz", UriKind.Relative));
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement[]> PageAsync(string query) =>
        (await _http.GetFromJsonAsync<JsonElement[]>(new Uri(_admin, $"/api/runs?{query}")))!;
}

/// <summary>A request and what its caller got: no status where the connection broke before the whole answer was there.</summary>
internal sealed record Exchange(int Number, string Workflow, int? Status, string? Run, string Body)
{
    /// <summary>Whether the host has said that it has the run.</summary>
    public bool IsAcknowledged => Status is 200 or 202;
}
