using System.Buffers;
using System.IO.Pipelines;
using Sluice.Host.Listening;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Reads a body piece by piece, and gives up on a caller that sends too slowly.</summary>
/// <remarks>
/// The web server limits the average rate over the whole body, so a caller that has sent a lot at once may then send nothing for hours.
/// Here each <see cref="Window"/> of waiting must bring its share. The time the host takes to process the pieces does not count.
/// </remarks>
/// <param name="reader">The body.</param>
/// <param name="time">The clock.</param>
/// <param name="connection">The caller's connection, which may end within the body; null if it is not observed.</param>
/// <param name="length">The expected number of bytes; null if unknown.</param>
internal sealed class PacedReader(PipeReader reader, TimeProvider time, ConnectionPlace? connection = null, long? length = null)
{
    /// <summary>The minimum rate in bytes per second, the same as Kestrel's.</summary>
    public const int LeastRate = 240;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private TimeSpan _waited;
    private double _came;
    private long _held;
    private long _consumed;

    /// <exception cref="BadHttpRequestException">The body is malformed, incomplete (<see cref="BodyCutOffException"/>), or came too slowly
    /// (408).</exception>
    public async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reading = reader.ReadAsync(cancellationToken);
            var read = reading.IsCompleted ? await reading : await WaitAsync(reading);
            if (read.IsCompleted)
            {
                connection?.EndBody();
            }

            return read;
        }
        catch (OperationCanceledException aborted) when (connection is { IsCutOff: true })
        {
            throw new BodyCutOffException(_consumed + _held, length, aborted);
        }
        catch (Exception broken) when (broken is InvalidOperationException or (IOException and not BadHttpRequestException))
        {
            // For a malformed body, the web server does not always throw its own exception: a chunk size that overflows throws what its
            // arithmetic throws, and a NUL in a trailer an InvalidOperationException.
            throw new BadHttpRequestException("The body is malformed.", broken);
        }
    }

    /// <summary>Reads to the end, in memory; null if there are more bytes than <paramref name="most"/>.</summary>
    /// <param name="most">The maximum number of bytes.</param>
    /// <param name="share">The share that the memory is taken from; null if it is not counted.</param>
    /// <param name="keep">Keeps the connection open once a large body has arrived and waits for its turn; null if there is nothing to
    /// keep.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="BadHttpRequestException">The body is malformed, came too slowly (408), or is longer than the web server's limit
    /// (413).</exception>
    /// <exception cref="BodyMemoryFullException">There is no room for it.</exception>
    public async ValueTask<byte[]?> ReadToEndAsync(long most, BodyShare? share, Func<bool>? keep, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await ReadAsync(cancellationToken);
            var isKept = false;
            try
            {
                if (read.Buffer.Length > most)
                {
                    return null;
                }

                if (share?.TryGrowTo(read.Buffer.Length) == false)
                {
                    throw new BodyMemoryFullException();
                }

                if (read.IsCompleted)
                {
                    if (share is not null && read.Buffer.Length > BodyMemory.LargeBytes)
                    {
                        keep?.Invoke();
                        await share.TakeTurnAsync(cancellationToken);
                    }

                    return read.Buffer.ToArray();
                }

                isKept = true;
            }
            finally
            {
                if (isKept)
                {
                    Keep(read);
                }
                else
                {
                    // Also after a failure: the web server skips the rest of the body, and the connection can serve the next request.
                    Consume(read);
                }
            }
        }
    }

    /// <summary>Continues with the next piece, and returns this one again with it.</summary>
    public void Keep(in ReadResult read)
    {
        _held = read.Buffer.Length;
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
    }

    /// <summary>Continues with the next piece.</summary>
    public void Consume(in ReadResult read)
    {
        _consumed += read.Buffer.Length;
        _held = 0;
        reader.AdvanceTo(read.Buffer.End);
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> pending)
    {
        var began = time.GetTimestamp();
        ReadResult read;
        await using (time.CreateTimer(_ => reader.CancelPendingRead(), null, Window - _waited, Timeout.InfiniteTimeSpan))
        {
            read = await pending;
        }

        _waited += time.GetElapsedTime(began);
        _came += read.Buffer.Length - _held;
        if (read.IsCompleted || _waited < Window)
        {
            return read;
        }

        if (_came < LeastRate * _waited.TotalSeconds)
        {
            reader.AdvanceTo(read.Buffer.End);
            throw new BadHttpRequestException("The body arrived too slowly.", StatusCodes.Status408RequestTimeout);
        }

        (_waited, _came) = (TimeSpan.Zero, 0);
        return read;
    }
}

/// <summary>The caller closed its sending side before the body was complete.</summary>
internal sealed class BodyCutOffException(long received, long? length, Exception cause) : BadHttpRequestException(
    length is null ? "The body ended before its last chunk." : $"The body ended after {received} of {length} bytes.", cause);
