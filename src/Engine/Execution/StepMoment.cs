using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>The time and the UUIDs of one step: derived from its run, its path and its first start, so that every attempt evaluates to the same config.</summary>
/// <param name="key">Without it, callers could guess the UUIDs, because they know the run's ID.</param>
/// <param name="run">The run.</param>
/// <param name="path">The path of the step.</param>
/// <param name="firstStart">When its first attempt started.</param>
internal struct StepMoment(byte[] key, RunId run, string path, DateTimeOffset firstStart)
{
    private int _uuids;

    /// <summary>Whether an expression has read the time or a UUID: then the first start has to be recorded for a later attempt.</summary>
    public bool IsRead { get; private set; }

    /// <summary>When the first attempt started.</summary>
    public DateTimeOffset Now
    {
        get
        {
            IsRead = true;
            return firstStart;
        }
    }

    /// <summary>A UUID of version 8 (RFC 9562, section 5.8): a keyed hash of what the step is, its first start and the number of the call.</summary>
    public Guid NextUuid()
    {
        IsRead = true;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        byte[] source = [.. run.ToBytes(), .. new byte[12], .. Encoding.UTF8.GetBytes(path)];
        BinaryPrimitives.WriteInt64BigEndian(source.AsSpan(16), firstStart.UtcTicks);
        BinaryPrimitives.WriteInt32BigEndian(source.AsSpan(24), _uuids++);
        HMACSHA256.HashData(key, source, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
