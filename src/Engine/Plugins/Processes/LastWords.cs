using System.Diagnostics;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>Keeps the last output of a process, to explain how it ended.</summary>
internal sealed class LastWords
{
    // Enough for the frames that the runtime prints on a stack overflow.
    private const int MostLines = 40;
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(1);

    // The first words of the runtime's message when it ends a process.
    private static readonly string[] Causes = ["Unhandled exception", "Stack overflow", "Process terminated", "Out of memory", "Fatal error"];

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _cause;
    private bool _causeGoesOn;

    /// <param name="process">The process.</param>
    /// <param name="heard">Receives each line that the process writes.</param>
    public LastWords(Process process, Action<string> heard)
    {
        _process = process;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _exited.TrySetResult();
        // Both streams must be read, or a plugin that writes a lot would block.
        process.OutputDataReceived += (_, line) => Hear(line.Data, heard);
        process.ErrorDataReceived += (_, line) =>
        {
            Take(line.Data);
            Hear(line.Data, heard);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.HasExited)
        {
            _exited.TrySetResult();
        }
    }

    /// <summary>Completes when the process has exited, even if another process still holds its output open.</summary>
    public Task Exited => _exited.Task;

    /// <summary>The last lines of standard error.</summary>
    public string Lines
    {
        get
        {
            lock (_gate)
            {
                return string.Join(Environment.NewLine, _lines);
            }
        }
    }

    /// <summary>Whether it ended because it ran out of memory.</summary>
    public bool IsOutOfMemory
    {
        get
        {
            lock (_gate)
            {
                return _cause is not null
                    && (_cause.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || _cause.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal));
            }
        }
    }

    /// <summary>Returns how it ended: "ended with exit code 134 (Stack overflow.)".</summary>
    public async Task<string> EndAsync()
    {
        await Exited;
        // Waits for the rest of its output, which a process that it started may hold open forever.
        await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(OutputPatience));
        var code = _process.ExitCode;
        var end = !OperatingSystem.IsWindows() && code > 128 ? $"was ended by signal {code - 128}" : $"ended with exit code {code}";
        lock (_gate)
        {
            return _cause is null ? end : $"{end} ({_cause})";
        }
    }

    private static void Hear(string? line, Action<string> heard)
    {
        if (!string.IsNullOrEmpty(line))
        {
            heard(line);
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            if (Causes.Any(cause => line.StartsWith(cause, StringComparison.Ordinal)))
            {
                _cause = line;
                // The message of FailFast is on the next line.
                _causeGoesOn = line is "Process terminated." or "Process terminated";
            }
            else if (_causeGoesOn)
            {
                _cause = line.StartsWith("   at ", StringComparison.Ordinal) ? _cause : $"{_cause} {line}";
                _causeGoesOn = false;
            }

            _lines.Enqueue(line);
            if (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
