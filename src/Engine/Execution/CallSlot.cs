using System.Buffers;
using System.Text.Json;
using Sluice.Engine.Json;

namespace Sluice.Engine.Execution;

/// <summary>What one call of a node needs: a token, and memory for its config. Calls of a run that follow one another use the same. <see cref="Run"/> guards it.</summary>
internal sealed class CallSlot(TimeProvider time) : IDisposable
{
    private const int UsualBytes = 512;

    // What grew beyond this is left to the garbage collector, because most configs are small.
    private const int MostKeptBytes = 64 * 1024;

    private ArrayBufferWriter<byte> _config = new(UsualBytes);
    private Utf8JsonWriter? _writer;

    /// <summary>The next slot of the same run; null if this is the last.</summary>
    public CallSlot? Next { get; set; }

    public bool IsRented { get; set; }

    /// <summary>The call in progress; null between calls, and once it was given up.</summary>
    public OpenCall? Call { get; set; }

    /// <summary>When the watch first saw that the call's token was cancelled, in ticks of the clock.</summary>
    public long? CancelledAt { get; set; }

    /// <summary>Whether the call continues asynchronously, so that the next step does not follow its reply at once.</summary>
    public bool IsInTheAir { get; set; }

    public CancellationTokenSource Cancellation { get; private set; } = NewSource(time);

    /// <summary>The config that was written.</summary>
    public ReadOnlyMemory<byte> Config
    {
        get
        {
            _writer!.Flush();
            return _config.WrittenMemory;
        }
    }

    /// <summary>A writer of a config, in the place of the one before.</summary>
    public Utf8JsonWriter EmptyConfig()
    {
        if (_config.Capacity > MostKeptBytes)
        {
            _config = new ArrayBufferWriter<byte>(UsualBytes);
        }

        _config.ResetWrittenCount();
        if (_writer is null)
        {
            _writer = new Utf8JsonWriter(_config, JsonText.Options);
        }
        else
        {
            _writer.Reset(_config);
        }

        return _writer;
    }

    /// <summary>Stops the token's timer, and replaces a token that fired.</summary>
    public void ResetToken()
    {
        if (!Cancellation.TryReset())
        {
            Cancellation.Dispose();
            Cancellation = NewSource(time);
        }
    }

    public void Dispose()
    {
        Cancellation.Dispose();
        _writer?.Dispose();
    }

    private static CancellationTokenSource NewSource(TimeProvider time) => new(Timeout.InfiniteTimeSpan, time);
}
