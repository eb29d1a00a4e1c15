using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>
/// Keeps one process running for one plugin version: restarts it if it ends by itself, and replaces it if it does not respond. Calls in the
/// meantime wait for the new one.
/// </summary>
internal sealed class ProcessKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly string _plugin;
    private readonly string _entryPath;
    private readonly ProcessSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _ending = [];
    private readonly CancellationTokenSource _closing = new();
    private Task<PluginProcess> _current;
    private Task? _closed;
    private volatile string? _trouble;
    private int _failures;
    private int _restarts;

    private ProcessKeeper(string plugin, string entryPath, PluginProcess first, ProcessSettings settings, TimeProvider time, ILogger logger)
    {
        _plugin = plugin;
        _entryPath = entryPath;
        _settings = settings;
        _time = time;
        _logger = logger;
        _current = Task.FromResult(first);
        Specs = first.Specs;
        Guard(first);
    }

    /// <summary>The specs of the plugin's nodes.</summary>
    public IReadOnlyList<NodeSpec> Specs { get; }

    /// <summary>The id of the process that new calls go to; null while there is none.</summary>
    public int? Pid => Volatile.Read(ref _current) is { IsCompletedSuccessfully: true } current && !current.Result.Ended.IsCompleted ? current.Result.Pid : null;

    /// <summary>How many times the process was restarted.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>Why there is no process, if every one ended soon; a sentence.</summary>
    public string? Trouble => _trouble;

    /// <summary>Starts a plugin's first process.</summary>
    /// <exception cref="PluginRejectedException">The plugin can't be loaded, or no process would start.</exception>
    public static async Task<ProcessKeeper> StartAsync(
        string plugin, string entryPath, ProcessSettings settings, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            var first = await PluginProcess.StartAsync(entryPath, settings, line => PluginOutput.Log(logger, plugin, line), cancellationToken);
            logger.LogInformation("Plugin {Plugin} runs in process {Pid}", plugin, first.Pid);
            return new ProcessKeeper(plugin, entryPath, first, settings, time, logger);
        }
        catch (PluginProcessException exception)
        {
            throw new PluginRejectedException(
                "process", $"The plugin must run in a separate process (Plugins:Isolation), which can't be started. {exception.Message} The log has what it wrote.");
        }
    }

    /// <summary>Runs one step in the current process.</summary>
    public async ValueTask<NodeResult> RunAsync(string node, ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        if (_trouble is { } trouble)
        {
            return Failed(FailureKind.Unavailable, $"The plugin {_plugin} has no process now: {trouble}");
        }

        var process = await LiveAsync(cancellationToken);
        try
        {
            return await process.RunAsync(node, config, context, cancellationToken);
        }
        catch (UnresponsiveException)
        {
            Replace(process);
            return Failed(FailureKind.Timeout,
                $"The node '{node}' of plugin {_plugin} went on for {_settings.CancellationGrace.TotalSeconds:0.#} s after its call was cancelled, so its process ({process.Pid}) was replaced. That is a defect of the node; report it to its author.");
        }
        catch (PluginProcessException exception) when (exception.Fault is null)
        {
            // Before the caller gets the failure, because its next call must reach the new process.
            OnEnded(process, exception.Message);
            return Failed(Crashed, $"{Sentence(process, exception.Message)} It was restarted; the call can be retried.");
        }
    }

    /// <summary>The failure kind of a step whose process ended during the call.</summary>
    public const string Crashed = "crashed";

    /// <summary>Queries the current process about a config.</summary>
    /// <exception cref="PluginProcessException">There is no response, or the node's code threw.</exception>
    public async Task<T> AskAsync<T>(Func<PluginProcess, Task<T>> ask)
    {
        if (_trouble is { } trouble)
        {
            throw new PluginProcessException($"The plugin {_plugin} has no process now: {trouble}");
        }

        using var patience = new CancellationTokenSource(_settings.StartPatience);
        var process = await LiveAsync(patience.Token);
        try
        {
            return await ask(process);
        }
        catch (UnresponsiveException)
        {
            Replace(process);
            throw new PluginProcessException($"The plugin {_plugin} had looked at a config for {_settings.CheckPatience.TotalSeconds:0.#} s, so its process ({process.Pid}) was replaced.");
        }
        catch (PluginProcessException exception) when (exception.Fault is null)
        {
            OnEnded(process, exception.Message);
            throw new PluginProcessException($"{Sentence(process, exception.Message)} It was restarted.");
        }
    }

    /// <summary>
    /// Ends the process after a short grace period for active calls, and disposes the nodes. Completes when no process of the plugin is
    /// left.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_closed ??= CloseAsync());
        }
    }

    private async Task CloseAsync()
    {
        await _closing.CancelAsync();
        Task[] ending;
        lock (_gate)
        {
            if (_current is { IsCompletedSuccessfully: true } current)
            {
                _ending.Add(current.Result.RetireAsync("was ended, because its plugin was unloaded"));
            }

            ending = [.. _ending];
        }

        await Task.WhenAll(ending);
        try
        {
            // One that was about to start when this began.
            (await _current).Kill("was ended, because its plugin was unloaded");
            await (await _current).Ended;
        }
        catch (Exception exception) when (exception is OperationCanceledException or PluginProcessException or PluginRejectedException)
        {
            // It failed to start.
        }
    }

    // Skips a process that has just ended: a call that did not reach a node must not fail.
    private async Task<PluginProcess> LiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var process = await Volatile.Read(ref _current).WaitAsync(cancellationToken);
            if (process.IsConnected || _closed is not null)
            {
                return process;
            }

            OnEnded(process, await process.Ended.WaitAsync(cancellationToken));
        }
    }

    // The old process gets a grace period for its other calls, but not for the one that does not respond.
    private void Replace(PluginProcess process)
    {
        lock (_gate)
        {
            if (_closed is not null || !(_current is { IsCompletedSuccessfully: true } current && current.Result == process))
            {
                return;
            }

            _logger.LogError("A node of plugin {Plugin} does not respond; its process {Pid} is replaced", _plugin, process.Pid);
            Begin(TimeSpan.Zero);
            Track(process.RetireAsync("was replaced, because another call in it did not respond"));
        }
    }

    private void Guard(PluginProcess process) => _ = process.Ended.ContinueWith(
        ended => OnEnded(process, ended.Result), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private void OnEnded(PluginProcess process, string how)
    {
        lock (_gate)
        {
            if (_closed is not null || !(_current is { IsCompletedSuccessfully: true } current && current.Result == process))
            {
                return;
            }

            _logger.LogError("The process {Pid} of plugin {Plugin} {How} It is restarted. Its last output: {Output}", process.Pid, _plugin, how.TrimEnd('.') + ".", process.Output);
            if (process.IsStillborn)
            {
                Pause($"the last one {how.TrimEnd('.')}, at once.");
            }
            else
            {
                _failures = 0;
                Begin(TimeSpan.Zero);
            }
        }
    }

    private void Pause(string why)
    {
        var pause = TimeSpan.FromMilliseconds(Math.Min(250 * Math.Pow(2, Math.Min(_failures++, 16)), LongestPause.TotalMilliseconds));
        _trouble = $"{why} It is tried again after {pause.TotalSeconds:0.##} s.";
        Begin(pause);
    }

    private void Begin(TimeSpan pause)
    {
        Interlocked.Increment(ref _restarts);
        Volatile.Write(ref _current, StartAgainAsync(pause));
    }

    private async Task<PluginProcess> StartAgainAsync(TimeSpan pause)
    {
        // Must not run on the thread that holds the gate.
        await Task.Yield();
        for (; ; )
        {
            await Task.Delay(pause, _time, _closing.Token);
            try
            {
                var process = await PluginProcess.StartAsync(_entryPath, _settings, line => PluginOutput.Log(_logger, _plugin, line), _closing.Token);
                _trouble = null;
                _logger.LogInformation("Plugin {Plugin} runs in process {Pid}", _plugin, process.Pid);
                Guard(process);
                return process;
            }
            catch (Exception exception) when (exception is PluginProcessException or PluginRejectedException)
            {
                pause = TimeSpan.FromMilliseconds(Math.Min(250 * Math.Pow(2, Math.Min(_failures++, 16)), LongestPause.TotalMilliseconds));
                _trouble = $"starting it failed: {exception.Message} It is tried again after {pause.TotalSeconds:0.##} s.";
                _logger.LogError("The process of plugin {Plugin} can't be started: {Reason}", _plugin, exception.Message);
            }
        }
    }

    private void Track(Task ending)
    {
        _ending.Add(ending);
        _ = ending.ContinueWith(
            ended =>
            {
                lock (_gate)
                {
                    _ending.Remove(ended);
                }
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private string Sentence(PluginProcess process, string how) => $"The process ({process.Pid}) of plugin {_plugin} {how.TrimEnd('.')}.";

    private static NodeResult.Failed Failed(string kind, string message) => new(new NodeFailure(kind, message, Retryable: true));
}
