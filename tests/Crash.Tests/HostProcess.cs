using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sluice.Crash.Tests;

/// <summary>A host that runs as a process of its own, and ends with the test whatever becomes of that.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    /// <summary>The secret <c>crash_token</c> of every host.</summary>
    public const string Secret = "no-file-holds-this-2718";

    private const string Listening = "Sluice listens on ";
    private const string AdminListening = "The admin API listens on ";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> _adminAddress = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(HostFolders folders, string data, string plugins, int? files = null, params string[] more)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", files is null ? "exec \"$@\"" : $"ulimit -n {files} && exec \"$@\"", "sh", DotNet])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            HostFolders.Program, "serve", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0",
            "--data", data, "--workflows", folders.Workflows, "--plugins", plugins, .. more,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["SLUICE__SHUTDOWNGRACESECONDS"] = "2";
        start.Environment["SLUICE_SECRET_CRASH_TOKEN"] = Secret;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it takes webhooks.</summary>
    public Uri Address => _address.Task.Result;

    /// <summary>Where its admin API is.</summary>
    public Uri AdminAddress => _adminAddress.Task.Result;

    /// <summary>What it has written, the last lines of it.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a host; it listens when this completes, and may still be taking up runs.</summary>
    /// <param name="folders">What it runs on.</param>
    /// <param name="data">Its data directory; null for that of the folders.</param>
    /// <param name="files">How many files it may open; null for as many as this process.</param>
    /// <param name="more">Further arguments.</param>
    public static async Task<HostProcess> StartAsync(HostFolders folders, string? data = null, int? files = null, params string[] more)
    {
        var host = new HostProcess(folders, data ?? folders.Data, folders.Plugins, files, more);
        try
        {
            var listening = Task.WhenAll(host._address.Task, host._adminAddress.Task);
            if (await Task.WhenAny(listening, host.ExitAsync()) != listening)
            {
                throw new InvalidOperationException($"The host ended before it listened:\n{host.Output}");
            }

            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a host that is to refuse, and gives its exit code and what it said.</summary>
    public static async Task<(int ExitCode, string Output)> FailToStartAsync(HostFolders folders, string? plugins = null, int? files = null)
    {
        await using var host = new HostProcess(folders, folders.Data, plugins ?? folders.Plugins, files);
        return (await host.ExitAsync(), host.Output);
    }

    /// <summary>Ends it as <c>kill -9</c> does: it gets no chance to do anything.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to stop, as a service manager does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Completes when it has written a line with this text.</summary>
    public async Task WhenAsync(string text)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (!_output.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            Assert.False(patience.IsCancellationRequested, $"The host has not written \"{text}\":\n{Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Its exit code, when it has ended.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_patience);
            return _process.ExitCode;
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"The host did not end within {_patience.TotalSeconds} s:\n{Output}", timeout);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string DotNet =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (_output.Count > 200)
        {
            _output.TryDequeue(out _);
        }

        if (line.StartsWith(Listening, StringComparison.Ordinal))
        {
            _address.TrySetResult(new Uri(line[Listening.Length..].Split(' ')[0]));
        }
        else if (line.StartsWith(AdminListening, StringComparison.Ordinal))
        {
            _adminAddress.TrySetResult(new Uri(line[AdminListening.Length..].TrimEnd('.')));
        }
    }
}
