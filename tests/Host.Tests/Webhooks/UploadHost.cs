namespace Sluice.Host.Tests.Webhooks;

/// <summary>A host with small bounds on bodies and files, which the tests of one class share.</summary>
public sealed class UploadHost : IAsyncLifetime
{
    internal const int MaxBody = 20_000;
    internal const int MaxUpload = 3_000_000;
    internal const int MaxFile = 2_500_000;
    internal const int MaxParts = 50;

    private TestHost? _host;

    internal TestFolder Folder { get; } = new();

    internal TestHost Host => _host!;

    /// <summary>What lies about of requests that are over.</summary>
    private IEnumerable<string> Incoming => Directory.EnumerateFileSystemEntries(Path.Combine(Folder.Data, "incoming"));

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(
        Folder,
        ("Webhooks:MaxBodyBytes", $"{MaxBody}"),
        ("Webhooks:MaxUploadBytes", $"{MaxUpload}"),
        ("Webhooks:MaxFileBytes", $"{MaxFile}"),
        ("Webhooks:MaxParts", $"{MaxParts}"),
        ("Blobs:MaxBytes", "200000000"));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>Completes when nothing lies about of requests that are over: of one whose caller has gone, soon after.</summary>
    internal async Task NothingIsLeftAsync()
    {
        using var patience = new CancellationTokenSource(TestHost.Patience);
        while (Incoming.Any())
        {
            Assert.False(patience.IsCancellationRequested, $"Left: {string.Join(", ", Incoming)}");
            await Task.Yield();
        }
    }

    internal async Task<string> PublishAsync(string steps, string trigger = "methods: [POST]")
    {
        var name = $"upload-{Guid.NewGuid():N}"[..20];
        await Host.PublishAsync(name, steps, trigger);
        return name;
    }

    internal async Task<Received> PostAsync(string name, byte[] body, string? contentType, string? encoding = null, bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = isChunked;
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (encoding is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        return await Host.SendAsync(request);
    }
}
