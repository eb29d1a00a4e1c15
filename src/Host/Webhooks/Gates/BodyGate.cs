using Microsoft.AspNetCore.Http.Features;
using Sluice.Engine.Blobs;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the body's bytes, as many as the host and the trigger take: in memory, and where they may hold files and are many, in a scratch file.</summary>
internal sealed class BodyGate(BodyLimits limits, BlobStore blobs, TimeProvider time)
{
    private readonly int _few = Math.Min(Spool.FewBytes, limits.Body);

    public async ValueTask<Passage<ReceivedRequest>> PassAsync(ScreenedRequest screened, CancellationToken cancellationToken)
    {
        var request = screened.Arrival;
        var http = request.Http;
        var length = http.Request.ContentLength;
        var isLarge = (length is null || length > _few) && MayHoldFiles(request);
        var limit = Math.Min(isLarge ? limits.Upload : limits.Body, request.Trigger.Body?.MaxBytes ?? int.MaxValue);
        if (length > limit)
        {
            return Passage<ReceivedRequest>.Ended(Problems.TooLarge(limit));
        }

        // Kestrel's own bound ends what comes after the refusal: without it the rest of an endless body would be read to no end.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = limit;
        }

        if (length == 0)
        {
            return Keep(screened, default);
        }

        var reader = new PacedReader(http.Request.BodyReader, time, request.Connection, length);
        var body = isLarge
            ? await SpoolAsync(reader, request.Hold(new Spool(blobs, limit, request.Share)), cancellationToken)
            : await ReadAsync(reader, limit, request, cancellationToken);
        if (body is not { } bytes)
        {
            return Passage<ReceivedRequest>.Ended(Problems.TooLarge(limit));
        }

        return Keep(screened, bytes);
    }

    // Null for most requests, which costs no delegate.
    private static Func<bool>? KeepOf(WebhookRequest request) => request.Http.Request.ContentLength is null or > BodyMemory.LargeBytes ? request.TryKeepConnection : null;

    private static Passage<ReceivedRequest> Keep(in ScreenedRequest request, ReadOnlyMemory<byte> body) => request.Arrival.TryKeepConnection()
        ? new ReceivedRequest(request.Arrival, request.Sender, body)
        : Passage<ReceivedRequest>.Ended(EmptyAnswer.ConnectionClosed);

    private static bool MayHoldFiles(WebhookRequest request) => BodyParser.KindOf(request.Http.Request.ContentType) switch
    {
        BodyKind.Multipart => true,
        BodyKind.Binary => request.Trigger.Body is not { BinaryAsBase64: true },
        _ => false,
    };

    // Null where there is more than the limit.
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(PacedReader reader, int limit, WebhookRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadToEndAsync(limit, request.Share, KeepOf(request), cancellationToken) is { } body ? body : null;
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    // The same, piece by piece.
    private static async ValueTask<ReadOnlyMemory<byte>?> SpoolAsync(PacedReader reader, Spool spool, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                try
                {
                    foreach (var piece in read.Buffer)
                    {
                        if (!await spool.WriteAsync(piece, cancellationToken))
                        {
                            return null;
                        }
                    }
                }
                finally
                {
                    // Whatever came of it: the web server passes over the rest, and the connection stays good for the next request.
                    reader.Consume(read);
                }

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
}
