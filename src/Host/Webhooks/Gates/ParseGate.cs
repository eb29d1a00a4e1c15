using Sluice.Engine.Blobs;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the request into what a run starts from: undoes the body's codings, and reads it as what its content type says.</summary>
internal sealed class ParseGate(BodyLimits limits, BlobStore blobs, TimeProvider time)
{
    public ValueTask<Passage<ParsedRequest>> PassAsync(in VerifiedRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.IsEmpty)
        {
            return new(Take(request, BodyKind.Unknown, request.Body));
        }

        var contentType = request.Arrival.Http.Request.ContentType;
        if (request.Arrival.Trigger.Body is { } settings && !settings.Takes(contentType ?? "text/plain"))
        {
            return new(Passage<ParsedRequest>.Ended(Problems.NotAccepted(contentType, settings.Accept)));
        }

        var kind = BodyParser.KindOf(contentType);
        return request.Arrival.Http.Request.Headers.ContentEncoding.Count == 0 && kind is not (BodyKind.Multipart or BodyKind.Binary)
            ? new(Take(request, kind, request.Body))
            : ReadAsync(request, kind, cancellationToken);
    }

    private async ValueTask<Passage<ParsedRequest>> ReadAsync(VerifiedRequest request, BodyKind kind, CancellationToken cancellationToken)
    {
        var isFile = kind == BodyKind.Binary && request.Arrival.Trigger.Body is not { BinaryAsBase64: true };
        var limit = Math.Min(isFile || kind == BodyKind.Multipart ? limits.Upload : limits.Body, request.Arrival.Trigger.Body?.MaxBytes ?? int.MaxValue);
        // What is parsed in memory is held there, by its run; what becomes files passes through.
        var staysInMemory = !isFile && kind != BodyKind.Multipart;
        if (staysInMemory)
        {
            // A few bytes can unfold to many.
            await request.Arrival.Share.TakeTurnAsync(cancellationToken);
        }
        else
        {
            // Writing files takes little memory, and a slow disk must not keep others waiting.
            request.Arrival.Share.EndTurn();
        }

        var (body, problem) = await ContentCodings.UndoAsync(
            request.Arrival.Http.Request.Headers.ContentEncoding, request.Body, limit, () => request.Arrival.Hold(new Spool(blobs, limit, request.Arrival.Share, staysInMemory)), cancellationToken);
        return problem is not null ? Passage<ParsedRequest>.Ended(problem) : kind switch
        {
            BodyKind.Multipart => await ReadFormAsync(request, body, cancellationToken),
            BodyKind.Binary when isFile => await ReadFileAsync(request, body, cancellationToken),
            _ => Take(request, kind, body),
        };
    }

    private async ValueTask<Passage<ParsedRequest>> ReadFormAsync(VerifiedRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        BlobUpload? upload = null;
        var form = new MultipartForm(limits, request.Arrival.Share, () => upload ??= Receive(request.Arrival));
        return await form.ReadAsync(request.Arrival.Http.Request.ContentType!, body, cancellationToken) is { } problem
            ? Passage<ParsedRequest>.Ended(problem)
            : Take(request, BodyKind.Multipart, form.FieldsToJson(), form.Files, upload);
    }

    private async ValueTask<Passage<ParsedRequest>> ReadFileAsync(VerifiedRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var upload = Receive(request.Arrival);
        if (await upload.WriteAsync(null, request.Arrival.Http.Request.ContentType!, BodyStream.Of(body), limits.File, cancellationToken) is not { } file)
        {
            return Passage<ParsedRequest>.Ended(Problems.TooMuch($"A file may have at most {limits.File} bytes."));
        }

        var files = new ReceivedFiles();
        files.Add("body", file);
        return Take(request, BodyKind.Binary, default, files, upload);
    }

    private BlobUpload Receive(WebhookRequest request) => request.Hold(blobs.Receive(RunId.New(time.GetUtcNow())));

    // Weighed first: parsed, a few megabytes can be a hundred.
    private Passage<ParsedRequest> Take(in VerifiedRequest request, BodyKind kind, ReadOnlyMemory<byte> body, ReceivedFiles? files = null, BlobUpload? upload = null)
    {
        var arrival = request.Arrival;
        var heldBytes = 0L;
        if (body.Length > BodyWeight.LightBytes && Weigh(arrival, kind, body.Span, out heldBytes) is { } tooMuch)
        {
            return Passage<ParsedRequest>.Ended(tooMuch);
        }

        var isRead = arrival.Workflow.Compiled.BodyUse.HasFlag(BodyUse.Value);
        var (data, problem) = RequestParser.Parse(arrival.Http, arrival.Parameters, body, files, upload?.Run, isRead);
        arrival.Share.EndTurn();
        return data is null ? Passage<ParsedRequest>.Ended(problem!) : new ParsedRequest(request, new ParsedData(data, upload, heldBytes));
    }

    private HttpProblem? Weigh(WebhookRequest request, BodyKind kind, ReadOnlySpan<byte> body, out long heldBytes)
    {
        var (weight, problem) = BodyWeight.Of(kind, body, limits, request.Workflow.Compiled.BodyUse);
        heldBytes = weight.Parsed;
        if (problem is not null)
        {
            return problem;
        }

        if (weight.Parsing > request.Share.Most)
        {
            return Problems.TooMuch(
                $"The parsed body needs {weight.Parsing} bytes of memory; all bodies together may use {request.Share.Most} (Webhooks:MaxBodyMemoryBytes). Send less at a time.");
        }

        return request.Share.TryAdd(weight.Parsing - body.Length) ? null : throw new BodyMemoryFullException();
    }
}
