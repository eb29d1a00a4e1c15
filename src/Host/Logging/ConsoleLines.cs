using System.Buffers;
using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Sluice.Host.Logging;

/// <summary>
/// Writes console lines in order and in batches: on a busy host, one write per line costs more than formatting the line.
/// </summary>
/// <remarks>
/// Nothing ever waits for the console. If it falls more than <see cref="MostBytes"/> behind, lines are dropped and counted.
/// </remarks>
internal sealed class ConsoleLines : ILogEventSink, IDisposable
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int LongestLine = 64 * 1024;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    private readonly ITextFormatter _formatter;
    private readonly Stream _console;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private ArrayBufferWriter<byte> _lines = new(16 * 1024);
    private ArrayBufferWriter<byte> _writing = new(16 * 1024);
    private long _leftOut;
    private bool _isAsleep;
    private bool _isEnding;

    /// <param name="formatter">Formats a line.</param>
    /// <param name="console">The console to write to.</param>
    public ConsoleLines(ITextFormatter formatter, Stream console)
    {
        _formatter = formatter;
        _console = console;
        _thread = new Thread(Run) { IsBackground = true, Name = "console" };
        _thread.Start();
    }

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _formatter.Format(logEvent, line);
        lock (_gate)
        {
            if (HasRoom())
            {
                Encoding.UTF8.GetBytes(line.ToString(), _lines);
                Announce();
            }
        }
    }

    /// <summary>Writes a line that formats itself, without allocating a string.</summary>
    public void Write<T>(T line)
        where T : IUtf8SpanFormattable
    {
        lock (_gate)
        {
            for (var size = 256; HasRoom() && size <= LongestLine; size *= 4)
            {
                if (line.TryFormat(_lines.GetSpan(size), out var written, default, CultureInfo.InvariantCulture))
                {
                    _lines.Advance(written);
                    Announce();
                    return;
                }
            }
        }
    }

    /// <summary>Writes the remaining lines and stops.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private bool HasRoom()
    {
        if (_lines.WrittenCount < MostBytes)
        {
            return true;
        }

        _leftOut++;
        return false;
    }

    // Lines that arrive while others are gathered or written need no signal.
    private void Announce()
    {
        if (_isAsleep)
        {
            _isAsleep = false;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (Take())
        {
            try
            {
                _console.Write(_writing.WrittenSpan);
                _console.Flush();
            }
            catch (IOException)
            {
                // The reader of the console is gone; the host continues without it.
            }

            _writing.ResetWrittenCount();
        }
    }

    private bool Take()
    {
        lock (_gate)
        {
            while (_lines.WrittenCount == 0 && !_isEnding)
            {
                _isAsleep = true;
                Monitor.Wait(_gate);
            }

            if (!_isEnding)
            {
                Monitor.Wait(_gate, Gathering);
            }

            if (_leftOut > 0)
            {
                Encoding.UTF8.GetBytes($"{_leftOut} lines were dropped here: the console is too slow.{Environment.NewLine}", _lines);
                _leftOut = 0;
            }

            (_lines, _writing) = (_writing, _lines);
            return _writing.WrittenCount > 0;
        }
    }
}
