using System.Text.Json;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Triggers;

/// <summary>What started a run: the envelope (method, path, headers, …) and the body, each parsed at most once.</summary>
/// <remarks>
/// Stored as the envelope's JSON and the body's own bytes, so that nothing is stored twice; <c>body</c> and <c>raw_body</c> are both read from the bytes.
/// Of a form with files, the bytes are its text fields as JSON, and the envelope names the files. So what names a file never came out of a body: the host
/// wrote it, beside the body.
/// A parsed body can take many times its bytes, so a body that is more than small is parsed only if something reads it.
/// </remarks>
internal sealed class TriggerData : IDisposable
{
    /// <summary>A body of so few bytes is parsed at once, whether or not anything reads it.</summary>
    public const int SmallBody = 512;

    private readonly JsonDocument _envelope;
    private JsonDocument? _body;

    private TriggerData(ReadOnlyMemory<byte> envelopeBytes, ReadOnlyMemory<byte> bodyBytes, string? contentType, JsonDocument? body)
    {
        EnvelopeBytes = envelopeBytes;
        BodyBytes = bodyBytes;
        ContentType = contentType;
        _envelope = JsonDocument.Parse(envelopeBytes);
        _body = body;
    }

    /// <summary>One JSON object, UTF-8.</summary>
    public ReadOnlyMemory<byte> EnvelopeBytes { get; }

    /// <summary>The body as it came, decoded; of a <c>multipart/form-data</c> its text fields as a JSON object, of a binary body that became a file nothing.</summary>
    public ReadOnlyMemory<byte> BodyBytes { get; }

    public string? ContentType { get; }

    /// <summary>The run that its files are kept for; null where it has none.</summary>
    public RunId? Run { get; init; }

    /// <summary>What counts the body's memory; disposed with this. Null where nothing counts it.</summary>
    public IDisposable? Memory { get; set; }

    public JsonElement Envelope => _envelope.RootElement;

    /// <summary>The body's value.</summary>
    public JsonElement Body => (Volatile.Read(ref _body) ?? ParseBody()).RootElement;

    /// <summary>Whether the body has been parsed: whether it takes the memory of its value.</summary>
    public bool IsParsed => Volatile.Read(ref _body) is not null;

    /// <summary>Reads what came in. Where the body is not what its content type says, there is a fault and a message instead of data.</summary>
    /// <param name="envelope">One JSON object, UTF-8.</param>
    /// <param name="body">The body's bytes.</param>
    /// <param name="contentType">What the body is.</param>
    /// <param name="run">The run that its files are kept for already; null where it has none.</param>
    /// <param name="isRead">Whether anything is expected to read the body's value. If not, the body is only checked now.</param>
    public static (TriggerData? Data, BodyFault Fault, string? Message) Read(
        ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> body, string? contentType, RunId? run = null, bool isRead = true)
    {
        JsonDocument? value = null;
        var (fault, message) = (BodyFault.None, (string?)null);
        if (isRead || body.Length <= SmallBody)
        {
            (value, fault, message) = BodyParser.Parse(contentType, body);
        }
        else
        {
            (fault, message) = BodyParser.Check(contentType, body);
        }

        return fault == BodyFault.None ? (new TriggerData(envelope, body, contentType, value) { Run = run }, fault, null) : (null, fault, message);
    }

    /// <summary>Reads what the journal kept of a request that was taken before.</summary>
    public static TriggerData Restore(ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> body)
    {
        using var parsed = JsonDocument.Parse(envelope);
        var contentType = parsed.RootElement.TryGetProperty("content_type", out var value) ? value.GetString() : null;
        var (data, _, message) = Read(envelope, body, contentType, isRead: false);
        return data ?? throw new InvalidDataException($"The journal holds a request that could not have been taken: {message}");
    }

    public void Dispose()
    {
        _envelope.Dispose();
        Volatile.Read(ref _body)?.Dispose();
        Memory?.Dispose();
    }

    // Two threads may both be the first to read it: then the value of one serves both.
    private JsonDocument ParseBody()
    {
        var (value, fault, message) = BodyParser.Parse(ContentType, BodyBytes);
        if (fault != BodyFault.None)
        {
            throw new InvalidDataException($"A body that passed its check could not be parsed: {message}");
        }

        if (Interlocked.CompareExchange(ref _body, value, null) is not { } first)
        {
            return value;
        }

        value.Dispose();
        return first;
    }
}
