using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using Sluice.Engine.Json;

namespace Sluice.Engine.Journal;

/// <summary>Journal entries on their way to the writer, as JSON objects, one a line. Lent to a run from its first entry until they are written.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The JSON writer writes into a managed buffer and is flushed after every entry: there is nothing to release.")]
internal sealed class EntryBuffer
{
    // Room for the entries of a plain run.
    private const int UsualBytes = 1536;

    // A larger buffer is left to the garbage collector: one run with a large output must not cost memory forever.
    private const int MostKeptBytes = 16 * 1024;

    // As many as runs may wait for one commit on a busy host.
    private const int MostKept = 256;

    private readonly ArrayBufferWriter<byte> _bytes = new(UsualBytes);
    private readonly Utf8JsonWriter _json;

    public EntryBuffer() => _json = new Utf8JsonWriter(_bytes, JsonText.Options);

    /// <summary>A pool of empty buffers: made anew for each run, they would be a sixth of what it allocates.</summary>
    public static ObjectPool<EntryBuffer> NewPool() => new DefaultObjectPool<EntryBuffer>(new Policy(), MostKept);

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public void Append(JournalEntry entry)
    {
        entry.WriteTo(_json);
        _json.Flush();
        _json.Reset();
        _bytes.Write("\n"u8);
    }

    public void Append(ReadOnlySpan<byte> entry)
    {
        _bytes.Write(entry);
        _bytes.Write("\n"u8);
    }

    private sealed class Policy : PooledObjectPolicy<EntryBuffer>
    {
        public override EntryBuffer Create() => new();

        public override bool Return(EntryBuffer obj)
        {
            // The writer too: an entry that threw half-way has left it in the middle.
            obj._json.Reset();
            obj._bytes.ResetWrittenCount();
            return obj._bytes.Capacity <= MostKeptBytes;
        }
    }
}
