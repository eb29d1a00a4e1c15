using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Engine.Blobs;
using Sluice.Engine.Execution;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the body's bytes, as many as the host and the trigger take: in memory, and where they may hold files and are many, in a scratch file.</summary>
internal sealed class BodyGate(BodyLimits limits, BlobStore blobs) : IGate
{
    private readonly int _few = Math.Min(Spool.FewBytes, limits.Body);

    public async ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var http = request.Http;
        var length = http.Request.ContentLength;
        var isLarge = (length is null || length > _few) && MayHoldFiles(request);
        var limit = Math.Min(isLarge ? limits.Upload : limits.Body, request.Trigger.Body?.MaxBytes ?? int.MaxValue);
        if (length > limit)
        {
            return Problems.TooLarge(limit);
        }

        // Kestrel's own bound ends what comes after the refusal: without it the rest of an endless body would be read to no end.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = limit;
        }

        if (length == 0)
        {
            return null;
        }

        var body = isLarge
            ? await SpoolAsync(http.Request.BodyReader, request.Hold(new Spool(blobs, limit)), cancellationToken)
            : await ReadAsync(http.Request.BodyReader, cancellationToken);
        if (body is not { } bytes)
        {
            return Problems.TooLarge(limit);
        }

        request.Body = bytes;
        return null;
    }

    private static bool MayHoldFiles(WebhookRequest request) => BodyParser.KindOf(request.Http.Request.ContentType) switch
    {
        BodyKind.Multipart => true,
        BodyKind.Binary => request.Trigger.Body is not { BinaryAsBase64: true },
        _ => false,
    };

    // Null where there is more than the limit.
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await NextAsync(reader, cancellationToken);
                if (read.IsCompleted)
                {
                    var body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return body;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    // The same, piece by piece.
    private static async ValueTask<ReadOnlyMemory<byte>?> SpoolAsync(PipeReader reader, Spool spool, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await NextAsync(reader, cancellationToken);
                foreach (var piece in read.Buffer)
                {
                    if (!await spool.WriteAsync(piece, cancellationToken))
                    {
                        return null;
                    }
                }

                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return spool.Read();
                }
            }
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    // What the web server throws of a body that is not sent as HTTP has it is not always what it throws for that: of a chunk whose size fits no number it is
    // what its arithmetic threw, of a NUL in a trailer an InvalidOperationException.
    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (Exception broken) when (broken is InvalidOperationException or (IOException and not BadHttpRequestException))
        {
            throw new BadHttpRequestException("The body is broken.", broken);
        }
    }
}
