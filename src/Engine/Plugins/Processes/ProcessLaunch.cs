using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>
/// Starts a child and waits until it has connected. The socket is in a folder that only this user can access, and is deleted after the
/// child has connected.
/// </summary>
/// <param name="settings">How it is started.</param>
/// <param name="heard">Receives each line that the process writes.</param>
internal sealed class ProcessLaunch(ProcessSettings settings, Action<string> heard)
{
    /// <returns>The process and its connection, which the caller owns from now on.</returns>
    /// <exception cref="PluginProcessException">It did not connect.</exception>
    public async Task<(Process Process, LastWords LastWords, NetworkStream Stream)> StartAsync(string entryPath, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-process-");
        try
        {
            var path = Path.Combine(folder.FullName, "socket");
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            var process = Start(entryPath, path);
            var lastWords = new LastWords(process, heard);
            try
            {
                return (process, lastWords, await AcceptAsync(listener, process, lastWords, cancellationToken));
            }
            catch
            {
                process.Kill(entireProcessTree: true);
                process.Dispose();
                throw;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Process Start(string entryPath, string socketPath)
    {
        var start = new ProcessStartInfo(settings.Program[0], [.. settings.Program.Skip(1), PluginProcessMain.Command, entryPath, socketPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(entryPath),
        };
        ChildEnvironment.Restrict(start.Environment, settings.Environment);
        // The collector rejects an excessive allocation, where a check of the resident size would be too late. Unmanaged memory needs its
        // share too.
        start.Environment["DOTNET_GCHeapHardLimit"] = (settings.MemoryMegabytes * 3L / 4 * 1024 * 1024).ToString("x", CultureInfo.InvariantCulture);
        // The host's collector settings are for many cores and much memory.
        start.Environment["DOTNET_gcServer"] = "0";
        // The diagnostics would leave a socket and pipes behind when a process is killed.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        try
        {
            return Process.Start(start) ?? throw new PluginProcessException($"{settings.Program[0]} did not start.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new PluginProcessException($"{settings.Program[0]} can't be started: {exception.Message}");
        }
    }

    private async Task<NetworkStream> AcceptAsync(Socket listener, Process process, LastWords lastWords, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(settings.StartPatience);
        var accepting = listener.AcceptAsync(patience.Token).AsTask();
        var exiting = lastWords.Exited;
        if (await Task.WhenAny(accepting, exiting) == accepting && accepting.IsCompletedSuccessfully)
        {
            return new NetworkStream(await accepting, ownsSocket: true);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new PluginProcessException(exiting.IsCompleted
            ? $"It {await lastWords.EndAsync()} before it connected."
            : $"It did not connect within {settings.StartPatience.TotalSeconds:0} s.");
    }
}
