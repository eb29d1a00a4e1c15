using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Host.Composition;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests;

/// <summary>A whole host in this process, on a free port of loopback, and the client that talks to it.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen: only a failure ever takes it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HostServer _server;

    private TestHost(HostServer server)
    {
        _server = server;
        // No answer is waited for longer than the patience.
        Http = new HttpClient(new ToEitherListener(new Uri(server.Address), new Uri(server.AdminAddress))) { BaseAddress = new Uri(server.Address), Timeout = Patience };
    }

    /// <summary>Talks to both listeners: a relative address below <c>/api</c> or <c>/metrics</c> goes to the admin listener, any other to the public one.</summary>
    public HttpClient Http { get; }

    /// <summary>A part of the engine or of the ingress.</summary>
    public T Get<T>()
        where T : notnull
        => _server.Services.GetRequiredService<T>();

    /// <summary>The address of the public listener.</summary>
    public string Address => _server.Address;

    /// <summary>The address of the admin listener.</summary>
    public string AdminAddress => _server.AdminAddress;

    public IReadOnlyList<Endpoint> Endpoints => _server.Endpoints;

    public int Port => new Uri(_server.Address).Port;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestHost> StartAsync(TestFolder folder, params (string Key, string? Value)[] settings)
    {
        var overrides = new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Admin:Urls"] = "http://127.0.0.1:0",
            ["Data:Directory"] = folder.Data,
            ["Workflows:Directory"] = folder.Workflows,
            ["Secrets:Directory"] = folder.Secrets,
            ["ShutdownGraceSeconds"] = "1",
            ["Serilog:MinimumLevel:Default"] = "Fatal",
            ["Serilog:MinimumLevel:Override:Microsoft"] = "Fatal",
        };
        foreach (var (key, value) in settings)
        {
            overrides[key] = value;
        }

        return new TestHost(await HostServer.StartAsync(overrides, Token));
    }

    /// <summary>Publishes a workflow whose webhook has its name for a path.</summary>
    /// <param name="name">The workflow's name.</param>
    /// <param name="steps">The list of steps, YAML.</param>
    /// <param name="trigger">The trigger's config beside the path, YAML flow style.</param>
    public async Task PublishAsync(string name, string steps, string trigger = "methods: [POST]") =>
        await PutAsync(name, $"name: {name}\ntrigger: {{ type: webhook, config: {{ path: /{name}, {trigger} }} }}\nsteps:\n{steps}\n");

    public async Task PutAsync(string name, string text)
    {
        var published = await SendAsync(HttpMethod.Put, $"/api/workflows/{name}", text);
        Assert.True(published.Status == 200, published.Body);
    }

    public Task<Received> PostAsync(string path, string body = "{}", string? contentType = "application/json") =>
        SendAsync(HttpMethod.Post, path, body, contentType);

    public Task<Received> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<Received> SendAsync(HttpMethod method, string path, string? body = null, string? contentType = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }
        }

        return await SendAsync(request);
    }

    public async Task<Received> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request, Token);
        return await Received.ReadAsync(response, Token);
    }

    /// <summary>Sends bytes as they stand on a connection of their own, and reads one answer, or nothing where the host hangs up.</summary>
    /// <param name="text">The bytes, as Latin-1.</param>
    /// <param name="hangUp">Whether the caller hangs up once all is sent.</param>
    /// <param name="toAdmin">Whether they go to the admin listener.</param>
    public async Task<string> SendRawAsync(string text, bool hangUp = false, bool toAdmin = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, toAdmin ? new Uri(AdminAddress).Port : Port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), Token);
        if (hangUp)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        var received = new StringBuilder();
        var piece = new byte[4096];
        try
        {
            while (!IsWhole(received.ToString()) && await stream.ReadAsync(piece, Token) is var read and > 0)
            {
                received.Append(Encoding.Latin1.GetString(piece, 0, read));
            }
        }
        catch (IOException)
        {
            // The host may reset a connection that it refuses to read on.
        }

        return received.ToString();
    }

    private static bool IsWhole(string answer)
    {
        var head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return head >= 0
            && Regex.Match(answer[..head], "Content-Length: ([0-9]+)", RegexOptions.IgnoreCase) is { Success: true } length
            && answer.Length - head - 4 >= int.Parse(length.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>A run as the API shows it now.</summary>
    public async Task<JsonElement> RunAsync(string? id) => (await GetAsync($"/api/runs/{id}")).Json;

    /// <summary>A run as the API shows it once it is over.</summary>
    public Task<JsonElement> EndOfAsync(string? id) => WhenAsync(id, run => run.GetProperty("finished_at").ValueKind != JsonValueKind.Null);

    public Task<JsonElement> EndOfAsync(Received answer) => EndOfAsync(answer.RunId);

    /// <summary>A run as the API shows it once it is in this state; looked at whenever a run leaves off.</summary>
    public async Task<JsonElement> WhenAsync(string? id, Func<JsonElement, bool> isSo)
    {
        Assert.NotNull(id);
        while (true)
        {
            using var watcher = Get<Runner>().Watch.Watch(new RunId(Guid.Parse(id)));
            var further = watcher.NextAsync();
            var run = await RunAsync(id);
            if (isSo(run))
            {
                return run;
            }

            await further.WaitAsync(Patience, Token);
        }
    }

    /// <summary>The newest run of a workflow once one with this status is listed; looked at again and again, for runs that change without leaving off.</summary>
    public async Task<JsonElement> WhenListedAsync(string workflow, string status)
    {
        while (true)
        {
            var runs = (await GetAsync($"/api/runs?workflow={workflow}&status={status}")).Json;
            if (runs.GetArrayLength() > 0)
            {
                return runs[0];
            }

            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits until as many runs of a workflow are under way.</summary>
    public async Task WhenLoadIsAsync(string workflow, int count)
    {
        while (Get<Runner>().Loads.Of(workflow).Count != count)
        {
            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>How many runs of a workflow there are.</summary>
    public async Task<int> CountRunsAsync(string workflow) => (await GetAsync($"/api/runs?workflow={workflow}&limit=1000")).Json.GetArrayLength();

    public Task<string?> CancelAsync(Guid id) => Get<RunRecovery>().CancelAsync(new RunId(id), Token);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Http.Dispose();
    }

    /// <summary>Sends what is below an admin path to the admin listener. Names in paths are sent as the test writes them.</summary>
    private sealed class ToEitherListener(Uri webhooks, Uri admin)
        : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = request.RequestUri!;
            if (asked.Authority == webhooks.Authority && IsAdmin(asked.AbsolutePath))
            {
                request.RequestUri = new UriBuilder(asked) { Port = admin.Port }.Uri;
            }

            return base.SendAsync(request, cancellationToken);
        }

        private static bool IsAdmin(string path) =>
            path.StartsWith("/api", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/metrics", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Received(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? RunId => Headers.GetValueOrDefault(AnswerWriter.RunIdHeader);

    public JsonElement Json => JsonElement.Parse(Body);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static async Task<Received> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        (int)response.StatusCode,
        response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await response.Content.ReadAsStringAsync(cancellationToken));

    /// <summary>Asserts that this is a problem of RFC 9457, and all of its members.</summary>
    /// <param name="status">The HTTP status, and the member <c>status</c>.</param>
    /// <param name="type">The end of the member <c>type</c>.</param>
    /// <param name="hasRun">Whether it names a run, the same in body and header.</param>
    public void IsProblem(int status, string type, bool hasRun)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", Header("Content-Type"));
        var problem = Json;
        Assert.Equal($"urn:sluice:problem:{type}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.Equal(hasRun, RunId is not null);
        Assert.Equal(RunId, problem.TryGetProperty("run_id", out var run) ? run.GetString() : null);
    }
}
