using System.Text.Json;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Triggers;

/// <summary>The request that started a run: the envelope (method, path, headers, …) and the body, each parsed at most once.</summary>
/// <remarks>
/// Stored as the envelope's JSON and the body's bytes, so that nothing is stored twice: <c>body</c> and <c>raw_body</c> are both read from
/// the bytes. For a form with files, the bytes are its text fields as JSON, and the envelope lists the files: a reference to a file never
/// comes from a body.
/// A parsed body can take many times its bytes, so all but small bodies are parsed only if something reads them.
/// </remarks>
internal sealed class TriggerData : IDisposable
{
    /// <summary>A body of at most this many bytes is parsed at once, whether or not anything reads it.</summary>
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

    /// <summary>The envelope: one JSON object in UTF-8.</summary>
    public ReadOnlyMemory<byte> EnvelopeBytes { get; }

    /// <summary>
    /// The decoded body. For <c>multipart/form-data</c>, its text fields as a JSON object; empty for a binary body that was stored as a
    /// file.
    /// </summary>
    public ReadOnlyMemory<byte> BodyBytes { get; }

    public string? ContentType { get; }

    /// <summary>The run that owns its files; null if it has none.</summary>
    public RunId? Run { get; init; }

    /// <summary>Accounts for the body's memory, and is disposed with this; null if nothing accounts for it.</summary>
    public IDisposable? Memory { get; set; }

    public JsonElement Envelope => _envelope.RootElement;

    /// <summary>The parsed body.</summary>
    public JsonElement Body => (Volatile.Read(ref _body) ?? ParseBody()).RootElement;

    /// <summary>Whether the body has been parsed, so that it takes the memory of its value.</summary>
    public bool IsParsed => Volatile.Read(ref _body) is not null;

    /// <summary>Reads a request. If the body does not match its content type, returns a fault and a message, and no data.</summary>
    /// <param name="envelope">One JSON object in UTF-8.</param>
    /// <param name="body">The body's bytes.</param>
    /// <param name="contentType">The content type of the body.</param>
    /// <param name="run">The run that already owns its files; null if it has none.</param>
    /// <param name="isRead">Whether anything is expected to read the body's value. If not, the body is only validated now.</param>
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

    /// <summary>Restores a request from the journal.</summary>
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

    // If two threads parse it at the same time, both use the value of one.
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
