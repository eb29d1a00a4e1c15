using System.Buffers;
using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Sluice.Host.Logging;

/// <summary>
/// The lines of the console, in the order they came and many in one piece: a write of its own for each costs a busy host more than making the line does.
/// </summary>
/// <remarks>Nobody ever waits for the console. Where it takes no more than <see cref="MostBytes"/> behind, lines are left out and counted.</remarks>
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

    /// <param name="formatter">Makes the text of a line.</param>
    /// <param name="console">Where the lines go.</param>
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

    /// <summary>Writes a line that makes its own text, without a string for it.</summary>
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

    /// <summary>Writes what there is, and ends.</summary>
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

    // What comes while lines are gathered or written needs no signal.
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
                // Whoever read the console is gone; the host goes on without.
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
                Encoding.UTF8.GetBytes($"{_leftOut} lines were left out here: the console took them too slowly.{Environment.NewLine}", _lines);
                _leftOut = 0;
            }

            (_lines, _writing) = (_writing, _lines);
            return _writing.WrittenCount > 0;
        }
    }
}
