using Sluice.Engine.Blobs;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the request into what a run starts from: undoes the body's codings, and reads it as what its content type says.</summary>
internal sealed class ParseGate(BodyLimits limits, BlobStore blobs, TimeProvider time) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.IsEmpty)
        {
            return new(Take(request, request.Body, null));
        }

        var contentType = request.Http.Request.ContentType;
        if (request.Trigger.Body is { } settings && !settings.Takes(contentType ?? "text/plain"))
        {
            return new(Problems.NotAccepted(contentType, settings.Accept));
        }

        var kind = BodyParser.KindOf(contentType);
        return request.Http.Request.Headers.ContentEncoding.Count == 0 && kind is not (BodyKind.Multipart or BodyKind.Binary)
            ? new(Take(request, request.Body, null))
            : ReadAsync(request, kind, cancellationToken);
    }

    private async ValueTask<IEarlyAnswer?> ReadAsync(WebhookRequest request, BodyKind kind, CancellationToken cancellationToken)
    {
        var isFile = kind == BodyKind.Binary && request.Trigger.Body is not { BinaryAsBase64: true };
        var limit = Math.Min(isFile || kind == BodyKind.Multipart ? limits.Upload : limits.Body, request.Trigger.Body?.MaxBytes ?? int.MaxValue);
        // What is parsed in memory is held there, by its run; what becomes files passes through.
        var staysInMemory = !isFile && kind != BodyKind.Multipart;
        var (body, problem) = await ContentCodings.UndoAsync(
            request.Http.Request.Headers.ContentEncoding, request.Body, limit, () => request.Hold(new Spool(blobs, limit, request.Share, staysInMemory)), cancellationToken);
        return problem ?? kind switch
        {
            BodyKind.Multipart => await ReadFormAsync(request, body, cancellationToken),
            BodyKind.Binary when isFile => await ReadFileAsync(request, body, cancellationToken),
            _ => Take(request, body, null),
        };
    }

    private async ValueTask<IEarlyAnswer?> ReadFormAsync(WebhookRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var form = new MultipartForm(limits, () => UploadOf(request));
        return await form.ReadAsync(request.Http.Request.ContentType!, body, cancellationToken) ?? Take(request, form.FieldsToJson(), form.Files);
    }

    private async ValueTask<IEarlyAnswer?> ReadFileAsync(WebhookRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (await UploadOf(request).WriteAsync(null, request.Http.Request.ContentType!, BodyStream.Of(body), limits.File, cancellationToken) is not { } file)
        {
            return Problems.TooMuch($"A file may have {limits.File} bytes at most.");
        }

        var files = new ReceivedFiles();
        files.Add("body", file);
        return Take(request, default, files);
    }

    private BlobUpload UploadOf(WebhookRequest request) => request.Upload ??= request.Hold(blobs.Receive(RunId.New(time.GetUtcNow())));

    private static HttpProblem? Take(WebhookRequest request, ReadOnlyMemory<byte> body, ReceivedFiles? files)
    {
        var (data, problem) = RequestParser.Parse(request.Http, request.Parameters, body, files, request.Upload?.Run);
        request.Data = data;
        return problem;
    }
}
