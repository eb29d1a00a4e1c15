using System.Buffers.Binary;

namespace Sluice.Engine.Journal;

/// <summary>The identifier of a run: a UUID version 7 (RFC 9562), so later runs sort after earlier ones.</summary>
internal readonly record struct RunId(Guid Value) : IComparable<RunId>
{
    public static RunId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

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
