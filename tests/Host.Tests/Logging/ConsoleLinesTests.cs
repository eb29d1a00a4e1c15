using System.Text;
using Serilog;
using Serilog.Formatting.Display;
using Sluice.Engine.Journal;
using Sluice.Host.Logging;

namespace Sluice.Host.Tests.Logging;

public sealed class ConsoleLinesTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 25, 9, 8, 7, 65, TimeSpan.Zero);
    private static readonly RunId Run = RunId.New(At);

    [Fact]
    public void Lines_of_the_log_and_of_requests_come_in_the_order_they_were_written()
    {
        var written = Written((console, log) =>
        {
            log.Information("one");
            console.Write(new RequestLine(At, "POST", "/hooks/a", 200, TimeSpan.FromMilliseconds(1.26), Run));
            log.Information("three");
        });

        Assert.Equal($"one\n09:08:07.065 INF POST /hooks/a 200 in 1.3 ms, run {Run}\nthree\n", written);
    }

    [Fact]
    public void A_request_without_a_run_names_none() => Assert.Equal(
        "09:08:07.065 INF GET /hooks/a 404 in 0.1 ms\n",
        Written((console, _) => console.Write(new RequestLine(At, "GET", "/hooks/a", 404, TimeSpan.FromMilliseconds(0.1), null))));

    [Fact]
    public void A_long_line_is_whole()
    {
        var path = "/hooks/" + new string('a', 9000);

        var written = Written((console, _) => console.Write(new RequestLine(At, "GET", path, 404, TimeSpan.Zero, null)));

        Assert.Equal($"09:08:07.065 INF GET {path} 404 in 0.0 ms\n", written);
    }

    [Fact]
    public void Nobody_waits_for_a_console_that_takes_nothing_and_what_is_left_out_is_counted()
    {
        using var console = new StuckStream();
        using (var lines = new ConsoleLines(new MessageTemplateTextFormatter("{Message:lj}\n"), console))
        using (var log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger())
        {
            var text = new string('x', 1024 * 1024);
            for (var line = 0; line < 40; line++)
            {
                log.Information("{Text}", text);
            }

            console.Open();
        }

        Assert.Matches("[0-9]+ lines were dropped here: the console is too slow", console.Text);
    }

    [Fact]
    public void A_console_that_is_gone_ends_nothing()
    {
        using var lines = new ConsoleLines(new MessageTemplateTextFormatter("{Message:lj}\n"), new BrokenStream());
        using var log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger();

        log.Information("nobody reads this");
    }

    private static string Written(Action<ConsoleLines, ILogger> write)
    {
        using var console = new MemoryStream();
        var lines = new ConsoleLines(new MessageTemplateTextFormatter("{Message:lj}\n"), console);
        using (var log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger())
        {
            write(lines, log);
        }

        return Encoding.UTF8.GetString(console.ToArray());
    }

    /// <summary>A console whose reader has stopped reading.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly ManualResetEventSlim _open = new();

        public string Text => Encoding.UTF8.GetString(ToArray());

        public void Open() => _open.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _open.Wait();
            base.Write(buffer);
        }
    }

    /// <summary>A console whose reader is gone.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
