using System.Buffers;
using System.IO.Pipelines;
using Sluice.Host.Listening;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Reads a body piece by piece, and gives up on a caller who keeps the host waiting for it.</summary>
/// <remarks>
/// The web server bounds the average over the whole body, so that a caller who has sent much at once may send nothing for hours after. Here each
/// <see cref="Window"/> that was spent waiting must have brought its share. What the host does with the pieces is no waiting.
/// </remarks>
/// <param name="reader">The body.</param>
/// <param name="time">The clock.</param>
/// <param name="connection">The caller's connection, which may end inside of the body; null if that is not told.</param>
/// <param name="length">How many bytes the body should have; null if that is not known.</param>
internal sealed class PacedReader(PipeReader reader, TimeProvider time, ConnectionPlace? connection = null, long? length = null)
{
    /// <summary>The rate that Kestrel asks for as well, bytes a second.</summary>
    public const int LeastRate = 240;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private TimeSpan _waited;
    private double _came;
    private long _held;
    private long _consumed;

    /// <exception cref="BadHttpRequestException">The body is broken, incomplete (<see cref="BodyCutOffException"/>), or came too slowly (408).</exception>
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
            // What the web server throws of a body that is not sent as HTTP has it is not always what it throws for that: of a chunk whose size fits no
            // number it is what its arithmetic threw, of a NUL in a trailer an InvalidOperationException.
            throw new BadHttpRequestException("The body is malformed.", broken);
        }
    }

    /// <summary>Reads to the end, in memory; null where there are more bytes than <paramref name="most"/>.</summary>
    /// <param name="most">How many bytes may come.</param>
    /// <param name="share">What the memory is taken from; null where it is not counted.</param>
    /// <param name="keep">Keeps the connection once a large body has arrived and waits for its turn; null if nothing is to be kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BadHttpRequestException">The body is broken, came too slowly (408), or has more bytes than the web server was told to take (413).</exception>
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
                    // Whatever came of it: the web server passes over the rest, and the connection stays good for the next request.
                    Consume(read);
                }
            }
        }
    }

    /// <summary>Goes on to the next piece, and is given this one again with it.</summary>
    public void Keep(in ReadResult read)
    {
        _held = read.Buffer.Length;
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
    }

    /// <summary>Goes on to the next piece.</summary>
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

/// <summary>The caller closed its sending side before its body was complete.</summary>
internal sealed class BodyCutOffException(long received, long? length, Exception cause) : BadHttpRequestException(
    length is null ? "The body ended before its last chunk." : $"The body ended after {received} of {length} bytes.", cause);
