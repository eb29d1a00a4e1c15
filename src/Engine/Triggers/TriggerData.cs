using System.Text.Json;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Triggers;

/// <summary>What started a run: the envelope (method, path, headers, …) and the body, each parsed once.</summary>
/// <remarks>
/// Stored as the envelope's JSON and the body's own bytes, so that nothing is stored twice; <c>body</c> and <c>raw_body</c> are both read from the bytes.
/// Of a form with files, the bytes are its text fields as JSON, and the envelope names the files. So what names a file never came out of a body: the host
/// wrote it, beside the body.
/// </remarks>
internal sealed class TriggerData : IDisposable
{
    private readonly JsonDocument _envelope;
    private readonly JsonDocument _body;

    private TriggerData(ReadOnlyMemory<byte> envelopeBytes, ReadOnlyMemory<byte> bodyBytes, string? contentType, JsonDocument body)
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

    public JsonElement Body => _body.RootElement;

    /// <summary>Reads what came in; <paramref name="run"/> where files of it are kept for a run already. Where the body is not what its content type says, there is a fault and a message instead of data.</summary>
    public static (TriggerData? Data, BodyFault Fault, string? Message) Read(
        ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> body, string? contentType, RunId? run = null)
    {
        var (value, fault, message) = BodyParser.Parse(contentType, body);
        return fault == BodyFault.None ? (new TriggerData(envelope, body, contentType, value) { Run = run }, fault, null) : (null, fault, message);
    }

    /// <summary>Reads what the journal kept of a request that was taken before.</summary>
    public static TriggerData Restore(ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> body)
    {
        using var parsed = JsonDocument.Parse(envelope);
        var contentType = parsed.RootElement.TryGetProperty("content_type", out var value) ? value.GetString() : null;
        var (data, _, message) = Read(envelope, body, contentType);
        return data ?? throw new InvalidDataException($"The journal holds a request that could not have been taken: {message}");
    }

    public void Dispose()
    {
        _envelope.Dispose();
        _body.Dispose();
        Memory?.Dispose();
    }
}
