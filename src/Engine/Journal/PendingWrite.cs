using System.Buffers;

namespace Sluice.Engine.Journal;

/// <summary>What a run wants written, in one piece.</summary>
internal sealed class PendingWrite
{
    private ArrayBufferWriter<byte>? _entries;
    private TaskCompletionSource? _durable;

    /// <summary>Whether the journal has no row of this run yet.</summary>
    public required bool IsFirst { get; init; }

    public RunStatus Status { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>Whether the status was set since the last write.</summary>
    public bool IsDirty { get; set; }

    /// <summary>JSON objects, one a line. Made when first asked for: the last piece of most runs stays empty.</summary>
    public ArrayBufferWriter<byte> Entries => _entries ??= new ArrayBufferWriter<byte>(1024);

    /// <summary>The entries as bytes.</summary>
    public ReadOnlySpan<byte> EntryBytes => _entries is null ? default : _entries.WrittenSpan;

    /// <summary>Settled by the writer; its continuations never run on the writer's thread.</summary>
    public TaskCompletionSource Durable => _durable ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool HasContent => IsDirty || IsFirst || _entries is { WrittenCount: > 0 };

    /// <summary>Settles with failure. Often nobody waits for it; then the exception counts as seen.</summary>
    public void Fail(Exception failure)
    {
        Durable.TrySetException(failure);
        _ = Durable.Task.Exception;
    }
}
