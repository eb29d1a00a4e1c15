using Sluice.Engine.Blobs;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the request into what a run starts from: undoes the body's codings, and reads it as what its content type says.</summary>
internal sealed class ParseGate(BodyLimits limits, BlobStore blobs, TimeProvider time) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.IsEmpty)
        {
            return new(Take(request, BodyKind.Unknown, request.Body, null));
        }

        var contentType = request.Http.Request.ContentType;
        if (request.Trigger.Body is { } settings && !settings.Takes(contentType ?? "text/plain"))
        {
            return new(Problems.NotAccepted(contentType, settings.Accept));
        }

        var kind = BodyParser.KindOf(contentType);
        return request.Http.Request.Headers.ContentEncoding.Count == 0 && kind is not (BodyKind.Multipart or BodyKind.Binary)
            ? new(Take(request, kind, request.Body, null))
            : ReadAsync(request, kind, cancellationToken);
    }

    private async ValueTask<IEarlyAnswer?> ReadAsync(WebhookRequest request, BodyKind kind, CancellationToken cancellationToken)
    {
        var isFile = kind == BodyKind.Binary && request.Trigger.Body is not { BinaryAsBase64: true };
        var limit = Math.Min(isFile || kind == BodyKind.Multipart ? limits.Upload : limits.Body, request.Trigger.Body?.MaxBytes ?? int.MaxValue);
        // What is parsed in memory is held there, by its run; what becomes files passes through.
        var staysInMemory = !isFile && kind != BodyKind.Multipart;
        if (staysInMemory)
        {
            // A few bytes can unfold to many.
            await request.Share.TakeTurnAsync(cancellationToken);
        }
        else
        {
            // Writing files takes little memory, and a slow disk must not keep others waiting.
            request.Share.EndTurn();
        }

        var (body, problem) = await ContentCodings.UndoAsync(
            request.Http.Request.Headers.ContentEncoding, request.Body, limit, () => request.Hold(new Spool(blobs, limit, request.Share, staysInMemory)), cancellationToken);
        return problem ?? kind switch
        {
            BodyKind.Multipart => await ReadFormAsync(request, body, cancellationToken),
            BodyKind.Binary when isFile => await ReadFileAsync(request, body, cancellationToken),
            _ => Take(request, kind, body, null),
        };
    }

    private async ValueTask<IEarlyAnswer?> ReadFormAsync(WebhookRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var form = new MultipartForm(limits, request.Share, () => UploadOf(request));
        return await form.ReadAsync(request.Http.Request.ContentType!, body, cancellationToken) ?? Take(request, BodyKind.Multipart, form.FieldsToJson(), form.Files);
    }

    private async ValueTask<IEarlyAnswer?> ReadFileAsync(WebhookRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (await UploadOf(request).WriteAsync(null, request.Http.Request.ContentType!, BodyStream.Of(body), limits.File, cancellationToken) is not { } file)
        {
            return Problems.TooMuch($"A file may have at most {limits.File} bytes.");
        }

        var files = new ReceivedFiles();
        files.Add("body", file);
        return Take(request, BodyKind.Binary, default, files);
    }

    private BlobUpload UploadOf(WebhookRequest request) => request.Upload ??= request.Hold(blobs.Receive(RunId.New(time.GetUtcNow())));

    // Weighed first: parsed, a few megabytes can be a hundred.
    private HttpProblem? Take(WebhookRequest request, BodyKind kind, ReadOnlyMemory<byte> body, ReceivedFiles? files)
    {
        if (body.Length > BodyWeight.LightBytes && Weigh(request, kind, body.Span) is { } tooMuch)
        {
            return tooMuch;
        }

        var isRead = request.Workflow.Compiled.BodyUse.HasFlag(BodyUse.Value);
        var (data, problem) = RequestParser.Parse(request.Http, request.Parameters, body, files, request.Upload?.Run, isRead);
        request.Data = data;
        request.Share.EndTurn();
        return problem;
    }

    private HttpProblem? Weigh(WebhookRequest request, BodyKind kind, ReadOnlySpan<byte> body)
    {
        var (weight, problem) = BodyWeight.Of(kind, body, limits, request.Workflow.Compiled.BodyUse);
        if (problem is not null)
        {
            return problem;
        }

        if (weight.Parsing > request.Share.Most)
        {
            return Problems.TooMuch(
                $"The parsed body needs {weight.Parsing} bytes of memory; all bodies together may use {request.Share.Most} (Webhooks:MaxBodyMemoryBytes). Send less at a time.");
        }

        request.HeldBytes = weight.Parsed;
        return request.Share.TryAdd(weight.Parsing - body.Length) ? null : throw new BodyMemoryFullException();
    }
}
