using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Journal;

public class RunIdTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 26, 8, 30, 15, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_is_a_uuid_of_version_7_and_the_variant_of_RFC_9562()
    {
        var id = RunId.New(At);

        Assert.Equal(7, id.Value.Version);
        Assert.InRange(id.Value.Variant, 8, 11);
    }

    [Fact]
    public void An_id_says_when_it_was_made_to_the_millisecond() => Assert.Equal(At, RunId.New(At.AddMicroseconds(789)).CreatedAt);

    [Fact]
    public void Later_ids_sort_after_earlier_ones_as_values_and_as_bytes()
    {
        // 300 ns apart, over five milliseconds.
        RunId[] ids = [.. Enumerable.Range(0, 16_667).Select(index => RunId.New(At.AddTicks(3 * index)))];

        Assert.Equal(ids, ids.Order());
        Assert.Equal(ids, ids.OrderBy(id => Convert.ToHexString(id.ToBytes()), StringComparer.Ordinal));
    }

    [Fact]
    public void Ids_of_one_moment_differ_in_all_62_bits_of_chance()
    {
        UInt128[] ids = [.. Enumerable.Range(0, 10_000).Select(_ => Number(RunId.New(At)))];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        var changed = ids.Aggregate(UInt128.Zero, (bits, id) => bits | (id ^ ids[0]));
        Assert.Equal(62, (int)UInt128.PopCount(changed));
    }

    private static UInt128 Number(RunId id) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(id.ToBytes());
}
