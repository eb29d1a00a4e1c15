using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins.Loading;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>
/// The child process: loads one plugin, connects to the host that started it, and serves it until it ends. It opens nothing else of the
/// engine.
/// </summary>
internal static class PluginProcessMain
{
    /// <summary>The command that starts the program as a plugin's process.</summary>
    public const string Command = "plugin-process";

    /// <summary>What the child writes if a node ran out of memory.</summary>
    public const string OutOfMemory = "Out of memory: a node's call needed more than the process may have.";

    /// <param name="entryPath">The plugin's entry assembly.</param>
    /// <param name="socketPath">The socket that the host listens on.</param>
    public static async Task<int> RunAsync(string entryPath, string socketPath)
    {
        EndWithHost();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        await using var stream = new NetworkStream(socket);

        var host = new HostCalls();
        var (loaded, nodes) = await LoadAsync(entryPath);
        using var connection = WireStream.Over(stream, new NodeServer(loaded, nodes, host, EndWithoutMemory));
        host.Connection = connection;
        connection.StartListening();
        await connection.Completion;
        return 0;
    }

    // Uses its own thread, because a plugin that blocks every pool thread must not keep the process alive. The host holds the other end of
    // the pipe and never writes; the pipe closes with the host, however that ends.
    private static void EndWithHost() => new Thread(static () =>
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0)
        {
        }

        End();
    })
    { IsBackground = true, Name = "ends with the host" }.Start();

    private static async Task<(WireLoaded Loaded, FrozenDictionary<string, INode> Nodes)> LoadAsync(string entryPath)
    {
        try
        {
            // It ends with this process, so plugins that can't be unloaded are fine here.
            var context = PluginContext.Load(entryPath, isUnloadable: false);
            // No deadline of its own: the host ends the process at its deadline.
            using var deadline = new LoadDeadline(new PluginThreads(NullLogger.Instance), Timeout.InfiniteTimeSpan, new WrittenOff(), TimeProvider.System);
            var nodes = await NodeFactory.CreateAsync(context.Entry, deadline);
            return (new WireLoaded(await NodeFactory.SpecsAsync(nodes, deadline), []), ByType(nodes));
        }
        catch (PluginRejectedException rejected)
        {
            return (new WireLoaded([], [.. rejected.Rejections]), FrozenDictionary<string, INode>.Empty);
        }
    }

    // The host rejects duplicate and missing names by the specs.
    private static FrozenDictionary<string, INode> ByType(IEnumerable<INode> nodes) =>
        nodes.Where(node => node.Spec?.Type is not null).DistinctBy(node => node.Spec.Type).ToFrozenDictionary(node => node.Spec.Type, StringComparer.Ordinal);

    [DoesNotReturn]
    private static void EndWithoutMemory()
    {
        Console.Error.WriteLine(OutOfMemory);
        End();
    }

    // Ends the process at once, without anything that a plugin may have registered to run at the end.
    [DoesNotReturn]
    private static void End()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Environment.Exit(1);
    }
}
