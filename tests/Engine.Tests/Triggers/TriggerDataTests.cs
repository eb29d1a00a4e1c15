using System.Text;
using System.Text.Json;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Tests.Triggers;

/// <summary>When the body of a request is parsed.</summary>
public sealed class TriggerDataTests
{
    private static readonly byte[] Envelope = """{"content_type":"application/json"}"""u8.ToArray();
    private static readonly byte[] Large = Encoding.UTF8.GetBytes($"[{string.Join(", ", Enumerable.Range(0, 1000))}]");

    [Fact]
    public void A_body_that_nothing_is_expected_to_read_is_parsed_when_something_reads_it()
    {
        using var expected = Read(Large, isRead: true);
        using var data = Read(Large, isRead: false);
        Assert.Equal((true, false), (expected.IsParsed, data.IsParsed));

        Assert.Equal(expected.Body.GetRawText(), data.Body.GetRawText());

        Assert.True(data.IsParsed);
    }

    [Fact]
    public void A_small_body_is_parsed_at_once()
    {
        using var data = Read("[1]"u8.ToArray(), isRead: false);

        Assert.True(data.IsParsed);
    }

    [Fact]
    public void A_body_that_is_not_what_it_says_is_a_fault_although_nothing_reads_it()
    {
        var cut = Large[..^1];

        var (data, fault, message) = TriggerData.Read(Envelope, cut, "application/json", isRead: false);

        Assert.Null(data);
        Assert.Equal((BodyFault.NotParsable, BodyParser.Parse("application/json", cut).Message), (fault, message));
    }

    [Fact]
    public void A_body_from_the_journal_is_parsed_when_something_reads_it()
    {
        using var data = TriggerData.Restore(Envelope, Large);
        Assert.False(data.IsParsed);

        Assert.Equal(1000, data.Body.GetArrayLength());
    }

    [Fact]
    public void A_journal_that_holds_what_could_not_have_been_taken_is_told_at_once() =>
        Assert.Throws<InvalidDataException>(() => TriggerData.Restore(Envelope, Large.AsMemory(1)));

    [Fact]
    public async Task Two_threads_that_are_both_the_first_to_read_it_get_one_value_which_ends_with_the_data()
    {
        for (var round = 0; round < 200; round++)
        {
            var data = Read(Large, isRead: false);
            using var start = new Barrier(2);
            var first = Task.Run(ReadAtOnce, TestContext.Current.CancellationToken);
            var second = ReadAtOnce();

            Assert.Equal(second.GetRawText(), (await first).GetRawText());
            data.Dispose();
            Assert.Throws<ObjectDisposedException>(() => second.GetRawText());
            var other = await first;
            Assert.Throws<ObjectDisposedException>(() => other.GetRawText());

            JsonElement ReadAtOnce()
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                return data.Body;
            }
        }
    }

    private static TriggerData Read(byte[] body, bool isRead) => TriggerData.Read(Envelope, body, "application/json", isRead: isRead).Data!;
}
