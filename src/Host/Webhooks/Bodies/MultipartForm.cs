using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Sluice.Engine.Blobs;
using Sluice.Engine.Json;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>
/// Reads <c>multipart/form-data</c> (RFC 7578): text fields into JSON, files into the blob store. All files of forms come from here.
/// </summary>
internal sealed class MultipartForm(BodyLimits limits, BodyShare share, Func<BlobUpload> upload)
{
    // RFC 2046, section 5.1.1.
    private const int LongestBoundary = 70;
    private const int MostHeaders = 16;
    private const int MostHeaderBytes = 16 * 1024;
    private const int LongestName = 1024;

    // A text field takes memory three times: as bytes, as a string, and as JSON.
    private const int BytesPerByte = 4;

    private readonly OrderedDictionary<string, List<string>> _fields = new(StringComparer.Ordinal);
    private int _fieldBytes;

    /// <summary>The files.</summary>
    public ReceivedFiles Files { get; } = new();

    /// <summary>Reads the whole form; null on success, otherwise the problem to respond with.</summary>
    /// <exception cref="BlobStoreException">The disk has no space for a file.</exception>
    /// <exception cref="BodyMemoryFullException">There is no memory for its text fields.</exception>
    public async ValueTask<HttpProblem?> ReadAsync(string contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (BoundaryOf(contentType) is not { } boundary)
        {
            return Problems.BadBody($"The content type must have one boundary, of 1 to {LongestBoundary} characters (RFC 2046, section 5.1.1).");
        }

        var reader = new MultipartReader(boundary, BodyStream.Of(body))
        {
            HeadersCountLimit = MostHeaders,
            HeadersLengthLimit = MostHeaderBytes,
        };
        try
        {
            for (var parts = 1; await reader.ReadNextSectionAsync(cancellationToken) is { } part; parts++)
            {
                if (parts > limits.Parts)
                {
                    return Problems.TooMuch($"The form may have at most {limits.Parts} parts.");
                }

                if (await ReadPartAsync(part, parts, cancellationToken) is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return Problems.BadBody(
                $"The body is not multipart/form-data with the boundary of its content type, ends before its last boundary, or has a part with more than "
                + $"{MostHeaders} headers or {MostHeaderBytes} bytes of headers (RFC 7578).");
        }
    }

    /// <summary>
    /// Gets the text fields as a JSON object: one value is a string, several of one name are an array in their original order.
    /// </summary>
    public byte[] FieldsToJson() => JsonText.Write(_fields, static (json, fields) =>
    {
        json.WriteStartObject();
        foreach (var (name, values) in fields)
        {
            json.WritePropertyName(name);
            if (values is [var one])
            {
                json.WriteStringValue(one);
                continue;
            }

            json.WriteStartArray();
            values.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    private static string? BoundaryOf(string contentType)
    {
        var boundary = MediaTypeHeaderValue.TryParse(contentType, out var type) && !HasRepeated(type.Parameters) ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        return boundary is { Length: >= 1 and <= LongestBoundary } ? boundary : null;
    }

    private static bool HasRepeated(IList<NameValueHeaderValue> parameters) =>
        parameters.Count > 1 && parameters.DistinctBy(parameter => parameter.Name.Value, StringComparer.OrdinalIgnoreCase).Count() < parameters.Count;

    private async ValueTask<HttpProblem?> ReadPartAsync(MultipartSection part, int number, CancellationToken cancellationToken)
    {
        // RFC 7578, section 4.2: each part has a Content-Disposition with a name.
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 and <= LongestName } name)
        {
            return Problems.BadBody($"Part {number} of the form has no Content-Disposition \"form-data\" with a name of 1 to {LongestName} characters (RFC 7578, section 4.2).");
        }

        // Parsers differ in which of two names they use, so a filter in front of the host may have seen the other one.
        if (HasRepeated(disposition.Parameters))
        {
            return Problems.BadBody($"Part {number} of the form has a Content-Disposition with two parameters of one name. Send each of them once.");
        }

        // Section 4.7 deprecates it for forms. If a client still encodes a part, the encoded text must not be taken for the content.
        if (part.Headers?.GetValueOrDefault("Content-Transfer-Encoding").ToString().ToUpperInvariant() is not (null or "" or "7BIT" or "8BIT" or "BINARY"))
        {
            return Problems.BadBody($"Part {number} of the form has a Content-Transfer-Encoding, which forms do not support (RFC 7578, section 4.7). Send its bytes unencoded.");
        }

        return disposition.FileName.HasValue || disposition.FileNameStar.HasValue
            ? await ReadFileAsync(part, name, disposition, cancellationToken)
            : await ReadFieldAsync(part, name, number, cancellationToken);
    }

    private async ValueTask<HttpProblem?> ReadFileAsync(
        MultipartSection part, string field, ContentDispositionHeaderValue disposition, CancellationToken cancellationToken)
    {
        var given = disposition.FileName.HasValue ? HeaderUtilities.RemoveQuotes(disposition.FileName) : disposition.FileNameStar;
        var file = await upload().WriteAsync(FileName.Clean(given.Value), ContentTypeOf(part), part.Body, limits.File, cancellationToken);
        if (file is null)
        {
            return Problems.TooMuch($"A file may have at most {limits.File} bytes.");
        }

        // Browsers send this for a file field without a chosen file.
        if (file.Size > 0 || given.Length > 0)
        {
            Files.Add(field, file);
        }

        return null;
    }

    private async ValueTask<HttpProblem?> ReadFieldAsync(MultipartSection part, string field, int number, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        while (await part.Body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            _fieldBytes += read;
            if (_fieldBytes > limits.Body)
            {
                return Problems.TooMuch($"The text fields of the form may have at most {limits.Body} bytes. Send long values as files, with a filename.");
            }

            if (!share.TryAdd(BytesPerByte * read))
            {
                throw new BodyMemoryFullException();
            }

            bytes.Write(buffer, 0, read);
        }

        if (TextOf(part, bytes) is not { } text)
        {
            return Problems.BadBody($"Part {number} of the form is not valid text in its charset, or UTF-8 if it has none. Send binary data as a file, with a filename.");
        }

        if (!_fields.TryGetValue(field, out var values))
        {
            _fields.Add(field, values = []);
        }

        values.Add(text);
        return null;
    }

    private static string? TextOf(MultipartSection part, MemoryStream bytes)
    {
        var charset = MediaTypeHeaderValue.TryParse(part.ContentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Charset).Value : null;
        return BodyParser.TextOf(charset, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static string ContentTypeOf(MultipartSection part) =>
        part.ContentType is { } given && BodyParser.KindOf(given) != BodyKind.Unknown ? given : "application/octet-stream";
}
