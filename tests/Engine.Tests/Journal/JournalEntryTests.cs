using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Journal;

public class JournalEntryTests
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1234567);

    [Fact]
    public void A_step_comes_back_as_it_was_written()
    {
        var step = new JournalEntry.Step("validate", "logic_gate", StepStatus.Suspended, 2, At, TimeSpan.FromMicroseconds(1234))
        {
            Port = "true",
            Output = """{"amount":12345678901234567890.10}"""u8.ToArray(),
            Error = new NodeFailure("refused", "No \"key\", sagt der Empfänger.", Retryable: true),
            Plugin = "Logic@1.2.0",
            WakeAt = At.AddHours(1),
        };

        var read = Assert.IsType<JournalEntry.Step>(Assert.Single(Read(Write(step))));

        Assert.Equal(Encoding.UTF8.GetString(step.Output.Span), Encoding.UTF8.GetString(read.Output.Span));
        Assert.Equal(step with { Output = default }, read with { Output = default });

        ImmutableArray<MaskedSecret> secrets = [new(2, "token", "plain"), new(2, "key", "base64_1") { From = 3 }, new(9, "pin", "plain") { IsNumber = true }];
        read = Assert.IsType<JournalEntry.Step>(Assert.Single(Read(Write(step with { Secrets = secrets }))));
        Assert.Equal(secrets.AsEnumerable(), read.Secrets);
    }

    [Fact]
    public void A_reply_comes_back_as_it_was_written()
    {
        ImmutableArray<KeyValuePair<string, string>> headers = [new("link", "<https://x.example/a>"), new("set-cookie", "a"), new("set-cookie", "b")];
        var reply = new JournalEntry.Replied(201, headers, "text/plain", new byte[] { 0, 255, 10 }, At) { Blob = "6f0c" };

        var read = Assert.IsType<JournalEntry.Replied>(Assert.Single(Read(Write(reply))));

        Assert.Equal(headers, read.Headers.AsEnumerable());
        Assert.Equal([0, 255, 10], read.Body.ToArray());
        Assert.Equal((201, "text/plain", "6f0c", At), (read.Status, read.ContentType, read.Blob, read.At));
        Assert.Equal((true, false), (read.Sent, read.Masked));
        read = Assert.IsType<JournalEntry.Replied>(Assert.Single(Read(Write(reply with { Sent = false, Masked = true }))));
        Assert.Equal((false, true), (read.Sent, read.Masked));

        var kept = Assert.IsType<JournalEntry.ReplyKept>(Assert.Single(Read(Write(new JournalEntry.ReplyKept(true, At) { Acknowledgement = reply }))));
        Assert.Equal(headers, kept.Acknowledgement!.Headers.AsEnumerable());
        Assert.Equal((201, "text/plain"), (kept.Acknowledgement.Status, kept.Acknowledgement.ContentType));
        Assert.Equal([0, 255, 10], kept.Acknowledgement.Body.ToArray());
    }

    [Fact]
    public void The_other_kinds_come_back_as_they_were_written()
    {
        JournalEntry[] entries =
        [
            new JournalEntry.StepStarted("call", 3, At),
            new JournalEntry.StepStarted("call", 3, At) { Plugin = "Logic@1.2.0+00", IsApart = true },
            new JournalEntry.Interrupted("call", At),
            new JournalEntry.Interrupted(null, At),
            new JournalEntry.LeftOff(7, At),
            new JournalEntry.Quarantined("call", "Logic@1.2.0+00", "3 hosts ended.", At),
            new JournalEntry.Warning("The caller hung up.", At),
            new JournalEntry.Ended(RunStatus.Failed, new NodeFailure("timeout", "Too slow."), "stopped", At),
            new JournalEntry.Decided("prices", "2", At),
            new JournalEntry.Woken("ask", "approved", default, At),
            new JournalEntry.Woken("ask", Signal: null, default, At),
            new JournalEntry.Retried(At),
            new JournalEntry.ReplyKept(true, At),
            new JournalEntry.ReplyKept(false, At),
        ];

        Assert.Equal(entries, Read(Write(entries)));
    }

    [Fact]
    public void An_output_that_spans_lines_does_not_break_the_entries_after_it()
    {
        var step = new JournalEntry.Step("a", "set", StepStatus.Succeeded, 1, At, default) { Output = "{\n  \"x\": [\n 1 ]\n}"u8.ToArray() };

        var read = Read(Write(step, new JournalEntry.Retried(At)));

        Assert.Equal("{\n  \"x\": [\n 1 ]\n}", Encoding.UTF8.GetString(Assert.IsType<JournalEntry.Step>(read[0]).Output.Span));
        Assert.IsType<JournalEntry.Retried>(read[1]);
    }

    [Fact]
    public void A_member_that_a_newer_version_added_is_passed_over()
    {
        var read = Read("""{"kind":"warning","extra":{"a":1},"message":"still read","at":"2026-03-01T12:00:00Z"}"""u8.ToArray());

        Assert.Equal("still read", Assert.IsType<JournalEntry.Warning>(Assert.Single(read)).Message);
    }

    [Theory]
    [InlineData("""{"kind":"from_the_future","x":{"y":[1]}}""", "the kind 'from_the_future'")]
    [InlineData("""{"kind":"step","step":"a","type":"set","status":"odd"}""", "the status 'odd'")]
    [InlineData("""{"kind":"ended","status":"odd"}""", "the status 'odd'")]
    public void An_entry_that_a_newer_version_added_is_not_passed_over(string entry, string what)
    {
        var read = Read(Encoding.UTF8.GetBytes($$"""{{entry}}{"kind":"warning","message":"still read","at":"2026-03-01T12:00:00Z"}"""));

        Assert.Contains(what, Assert.IsType<JournalEntry.Unknown>(read[0]).What, StringComparison.Ordinal);
        Assert.Equal("still read", Assert.IsType<JournalEntry.Warning>(read[1]).Message);
    }

    [Theory]
    [InlineData("""{"kind":"step","type":"set","status":"succeeded"}""", "'step'")]
    public void A_damaged_entry_is_named(string entry, string named) =>
        Assert.Contains(named, Assert.Throws<JsonException>(() => Read(Encoding.UTF8.GetBytes(entry))).Message, StringComparison.Ordinal);

    private static ImmutableArray<JournalEntry> Read(ReadOnlyMemory<byte> bytes) => JournalEntryReader.Read(bytes);

    private static ReadOnlyMemory<byte> Write(params JournalEntry[] entries)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var entry in entries)
        {
            using var json = new Utf8JsonWriter(buffer, JsonText.Options);
            entry.WriteTo(json);
            json.Flush();
            buffer.Write("\n"u8);
        }

        return buffer.WrittenMemory;
    }
}
