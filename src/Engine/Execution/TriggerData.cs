using System.Text.Json;

namespace Sluice.Engine.Execution;

/// <summary>What started a run: the envelope (method, path, headers, …) and the body, each parsed once.</summary>
/// <remarks>Stored as the envelope's JSON and the body's own bytes, so that nothing is stored twice; <c>body</c> and <c>raw_body</c> are both read from the bytes.</remarks>
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

    /// <summary>The body as it came.</summary>
    public ReadOnlyMemory<byte> BodyBytes { get; }

    public string? ContentType { get; }

    public JsonElement Envelope => _envelope.RootElement;

    public JsonElement Body => _body.RootElement;

    /// <summary>Reads what came in. Where the body is not what its content type says, there is a fault and a message instead of data.</summary>
    public static (TriggerData? Data, BodyFault Fault, string? Message) Read(
        ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> body, string? contentType)
    {
        var (value, fault, message) = BodyParser.Parse(contentType, body);
        return fault == BodyFault.None ? (new TriggerData(envelope, body, contentType, value), fault, null) : (null, fault, message);
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
    }
}
