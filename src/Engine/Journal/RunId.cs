using System.Buffers.Binary;

namespace Sluice.Engine.Journal;

/// <summary>The identifier of a run: a UUID version 7 (RFC 9562), so later runs sort after earlier ones.</summary>
internal readonly record struct RunId(Guid Value) : IComparable<RunId>
{
    /// <summary>
    /// A new identifier (RFC 9562, sections 5.7 and 6.2, method 3): 48 bits of time in milliseconds, 12 bits of the fraction, 62 bits of chance. So two that
    /// were made more than a quarter of a microsecond apart sort in that order; a quiet host begins and ends a run in less than a millisecond.
    /// </summary>
    /// <remarks>
    /// It names a run and guards nothing: callers are told it, and what must not be guessed has a token of its own. So its chance comes from a generator in
    /// memory; <see cref="Guid.CreateVersion7()"/> asks the operating system each time, which cost more than the rest of starting a run.
    /// </remarks>
    public static RunId New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        var fraction = now.UtcTicks % TimeSpan.TicksPerMillisecond * 4096 / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteInt64BigEndian(bytes, (now.ToUnixTimeMilliseconds() << 16) | 0x7000 | fraction);
        Random.Shared.NextBytes(bytes[8..]);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return FromBytes(bytes);
    }

    /// <summary>The smallest identifier of a time: it sorts before all that are created then or later.</summary>
    public static RunId FirstOf(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);
        return FromBytes(bytes);
    }

    public static bool TryParse(string? text, out RunId id)
    {
        var parsed = Guid.TryParseExact(text, "D", out var value);
        id = new RunId(value);
        return parsed;
    }

    /// <summary>When it was made, to the millisecond (RFC 9562, section 5.7).</summary>
    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds((long)(BinaryPrimitives.ReadUInt64BigEndian(ToBytes()) >> 16));

    /// <summary>The 16 bytes in the order in which they sort.</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    public static RunId FromBytes(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    public int CompareTo(RunId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("D");
}
