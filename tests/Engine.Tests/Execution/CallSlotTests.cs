using System.Runtime.InteropServices;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Execution;

namespace Sluice.Engine.Tests.Execution;

public sealed class CallSlotTests
{
    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_000_000, false)]
    public void The_memory_of_a_config_serves_the_next_one_unless_it_is_large(int length, bool isKept)
    {
        using var slot = new CallSlot(new FakeTimeProvider());
        slot.EmptyConfig().WriteStringValue(new string('x', length));
        var large = MemoryOf(slot);

        slot.EmptyConfig().WriteNumberValue(1);

        Assert.Equal("1"u8, slot.Config.Span);
        Assert.Equal(isKept, ReferenceEquals(large, MemoryOf(slot)));
    }

    private static byte[] MemoryOf(CallSlot slot) => MemoryMarshal.TryGetArray(slot.Config, out var memory) ? memory.Array! : [];
}
