using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the body's bytes, as many as the host takes.</summary>
internal sealed class BodyGate(int maxBodyBytes) : IGate
{
    public async ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var http = request.Http;
        var length = http.Request.ContentLength;
        if (length > maxBodyBytes)
        {
            return Problems.TooLarge(maxBodyBytes);
        }

        // Kestrel's own bound ends what comes after the refusal: without it the rest of an endless body would be read to no end.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = maxBodyBytes;
        }

        if (length == 0)
        {
            return null;
        }

        if (await ReadAsync(http.Request.BodyReader, cancellationToken) is not { } body)
        {
            return Problems.TooLarge(maxBodyBytes);
        }

        request.Body = body;
        return null;
    }

    // Null where there is more than the limit.
    private static async ValueTask<byte[]?> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
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
}
