using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Sdk;
using StreamJsonRpc;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>One child process with one plugin, from start to end. It ends once, and its active calls then fail with the reason.</summary>
internal sealed class PluginProcess
{
    private static readonly TimeSpan MemoryLook = TimeSpan.FromMilliseconds(250);

    private readonly ProcessSettings _settings;
    private readonly Process _process;
    private readonly LastWords _lastWords;
    private readonly CallDesk _desk;
    private readonly JsonRpc _connection;
    private readonly long _started = Stopwatch.GetTimestamp();
    private string? _killed;
    private bool _isCalled;

    private PluginProcess(ProcessSettings settings, Process process, LastWords lastWords, CallDesk desk, JsonRpc connection)
    {
        _settings = settings;
        _process = process;
        _lastWords = lastWords;
        _desk = desk;
        _connection = connection;
        Pid = process.Id;
        Ended = WatchAsync();
    }

    public int Pid { get; }

    /// <summary>The specs of its nodes.</summary>
    public IReadOnlyList<NodeSpec> Specs { get; private set; } = [];

    /// <summary>Completes when the process has ended, with the reason as a clause that follows "its process".</summary>
    public Task<string> Ended { get; }

    /// <summary>Whether it can be called.</summary>
    public bool IsConnected => !_connection.Completion.IsCompleted;

    /// <summary>The number of its active calls.</summary>
    public int Calls => _desk.Count;

    /// <summary>Whether it ended within seconds, before any call.</summary>
    public bool IsStillborn => !_isCalled && Stopwatch.GetElapsedTime(_started) < TimeSpan.FromSeconds(5);

    /// <summary>The last lines that it wrote to standard error.</summary>
    public string Output => _lastWords.Lines;

    /// <param name="entryPath">The plugin's entry assembly.</param>
    /// <param name="settings">How it is started.</param>
    /// <param name="heard">Receives each line that the process writes.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="PluginProcessException">It did not start.</exception>
    /// <exception cref="PluginRejectedException">It started, but can't load the plugin.</exception>
    public static async Task<PluginProcess> StartAsync(string entryPath, ProcessSettings settings, Action<string> heard, CancellationToken cancellationToken)
    {
        var (process, lastWords, stream) = await new ProcessLaunch(settings, heard).StartAsync(entryPath, cancellationToken);
        var desk = new CallDesk();
        var connection = WireStream.Over(stream, desk);
        var started = new PluginProcess(settings, process, lastWords, desk, connection);
        try
        {
            connection.StartListening();
            var loaded = await connection.InvokeAsync<WireLoaded>(nameof(NodeServer.Loaded)).WaitAsync(settings.StartPatience, cancellationToken);
            started.Specs = loaded.Rejections.Length == 0 ? loaded.Specs : throw new PluginRejectedException([.. loaded.Rejections]);
            return started;
        }
        catch (Exception exception)
        {
            started.Kill("was not needed");
            var end = await started.Ended;
            throw exception is RemoteRpcException or ConnectionLostException or TimeoutException or ObjectDisposedException
                ? new PluginProcessException(exception is TimeoutException ? $"It did not load the plugin within {settings.StartPatience.TotalSeconds:0} s." : $"It {end} while it loaded the plugin.")
                : exception;
        }
    }

    /// <summary>Runs one step of a node. Throws if the process ends meanwhile, or if the node ignores cancellation.</summary>
    /// <exception cref="PluginProcessException">The process or the node's code failed.</exception>
    /// <exception cref="UnresponsiveException">The call was cancelled and is still running.</exception>
    public async ValueTask<NodeResult> RunAsync(string node, ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        _isCalled = true;
        var id = _desk.Open(context);
        try
        {
            // A call with a cancelled token would not be sent at all.
            var token = cancellationToken.IsCancellationRequested ? CancellationToken.None : cancellationToken;
            var answer = _connection.InvokeWithCancellationAsync<WireOutcome>(nameof(NodeServer.RunAsync), [CallOf(id, node, config, context, cancellationToken)], token);
            return ResultOf(await AwaitAsync(answer, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (exception is RemoteRpcException or ConnectionLostException or ObjectDisposedException)
        {
            throw new PluginProcessException(await EndedAsync());
        }
        finally
        {
            _desk.Close(id);
        }
    }

    /// <exception cref="PluginProcessException">The process or the node's code failed.</exception>
    /// <exception cref="UnresponsiveException">There is no response.</exception>
    public async Task<string[]?> PortsOfAsync(string node, JsonElement config)
    {
        var answer = await AskAsync<WirePorts>(nameof(NodeServer.PortsOfAsync), node, config.GetRawText());
        return answer.Fault is null ? answer.Ports : throw new PluginProcessException(answer.Fault);
    }

    /// <inheritdoc cref="PortsOfAsync"/>
    public async Task<ConfigProblem[]?> CheckAsync(string node, ReadOnlyMemory<byte> config)
    {
        var answer = await AskAsync<WireProblems>(nameof(NodeServer.CheckAsync), node, config.ToArray());
        return answer.Fault is null ? answer.Problems : throw new PluginProcessException(answer.Fault);
    }

    /// <summary>Kills it at once.</summary>
    /// <param name="reason">The reason, as a clause that follows "its process".</param>
    public void Kill(string reason)
    {
        Interlocked.CompareExchange(ref _killed, reason, null);
        // Has no effect on a process that has exited.
        _process.Kill(entireProcessTree: true);
    }

    /// <summary>Waits for active calls within the grace period, disposes the nodes, and ends the process.</summary>
    public async Task RetireAsync(string reason, int givenUp = 0)
    {
        var until = Stopwatch.GetTimestamp() + (long)(_settings.EndGrace.TotalSeconds * Stopwatch.Frequency);
        while (Calls > givenUp && Stopwatch.GetTimestamp() < until && !Ended.IsCompleted)
        {
            await Task.WhenAny(Ended, Task.Delay(MemoryLook));
        }

        if (Calls == 0)
        {
            var disposing = _connection.InvokeAsync(nameof(NodeServer.DisposeNodesAsync));
            await Task.WhenAny(disposing, Ended, Task.Delay(_settings.EndGrace));
        }

        Kill(reason);
        await Ended;
    }

    private async Task<T> AskAsync<T>(string method, string node, object config)
    {
        _isCalled = true;
        try
        {
            return await _connection.InvokeAsync<T>(method, node, config).WaitAsync(_settings.CheckPatience);
        }
        catch (TimeoutException)
        {
            throw new UnresponsiveException();
        }
        catch (Exception exception) when (exception is RemoteRpcException or ConnectionLostException or ObjectDisposedException)
        {
            throw new PluginProcessException(await EndedAsync());
        }
    }

    private async Task<WireOutcome> AwaitAsync(Task<WireOutcome> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!answer.IsCompleted)
        {
            try
            {
                return await answer.WaitAsync(_settings.CancellationGrace, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                throw new UnresponsiveException();
            }
        }
    }

    private static WireCall CallOf(long id, string node, ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) => new()
    {
        Id = id,
        Node = node,
        Config = config.ToArray(),
        RunId = context.RunId,
        StepKey = context.StepKey,
        Attempt = context.Attempt,
        IdempotencyKey = context.IdempotencyKey,
        Secrets = context.Secrets.Count == 0 ? ReadOnlyDictionary<string, string>.Empty : context.Secrets.ToDictionary(),
        WakeAt = context.Wake?.At,
        Signal = context.Wake?.Signal,
        SignalPayload = context.Wake?.Payload.ToArray(),
        MaxOutputBytes = context.MaxOutputBytes,
        LogLevel = (int)LowestLevel(context.Logger),
        IsCancelled = cancellationToken.IsCancellationRequested,
    };

    private static LogLevel LowestLevel(ILogger logger)
    {
        var level = LogLevel.Trace;
        while (level < LogLevel.None && !logger.IsEnabled(level))
        {
            level++;
        }

        return level;
    }

    private static NodeResult ResultOf(WireOutcome outcome, CancellationToken cancellationToken) => outcome.Kind switch
    {
        WireOutcomeKind.Completed => new NodeResult.Completed(outcome.Output, outcome.Port),
        WireOutcomeKind.Ended => new NodeResult.Ended(outcome.Output, outcome.Succeeded, outcome.Message),
        WireOutcomeKind.Failed => new NodeResult.Failed(outcome.Failure!),
        WireOutcomeKind.Suspended => new NodeResult.Suspended(outcome.Until) { Signal = outcome.Signal },
        WireOutcomeKind.Cancelled => throw new OperationCanceledException(cancellationToken),
        WireOutcomeKind.Threw => throw new PluginProcessException(outcome.Fault!),
        _ => null!,
    };

    // A broken connection is the first sign; the exit status follows a moment later. A process that lives on without a connection is of no
    // use.
    private async Task<string> EndedAsync()
    {
        if (await Task.WhenAny(Ended, Task.Delay(_settings.EndGrace)) != Ended)
        {
            Kill("broke its connection to the host and was ended");
        }

        return await Ended;
    }

    private async Task<string> WatchAsync()
    {
        using var looks = new PeriodicTimer(MemoryLook);
        var exit = _lastWords.Exited;
        while (!exit.IsCompleted)
        {
            await Task.WhenAny(exit, looks.WaitForNextTickAsync().AsTask());
            LookAtMemory();
        }

        var end = await _lastWords.EndAsync();
        _connection.Dispose();
        return _killed ?? (_lastWords.IsOutOfMemory ? MemoryMessage : end);
    }

    private void LookAtMemory()
    {
        try
        {
            _process.Refresh();
            if (!_process.HasExited && _process.WorkingSet64 > _settings.MemoryMegabytes * 1024L * 1024)
            {
                Kill(MemoryMessage);
            }
        }
        catch (InvalidOperationException)
        {
            // It ended between the two checks.
        }
    }

    private string MemoryMessage =>
        $"needed more memory than the {_settings.MemoryMegabytes} MB that a plugin's process may have, and was ended. Give the node less data at a time, or raise Plugins:ProcessMemoryMegabytes.";
}

/// <summary>Thrown if plugin code holds a call and does not respond.</summary>
internal sealed class UnresponsiveException() : Exception("The node does not respond.");
