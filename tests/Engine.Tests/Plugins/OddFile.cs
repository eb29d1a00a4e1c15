using System.Diagnostics;
using System.Net.Sockets;

namespace Sluice.Engine.Tests.Plugins;

/// <summary>Makes what looks like a file and is none. Linux only.</summary>
internal static class OddFile
{
    /// <summary>One of each kind, with what a message calls it.</summary>
    public static TheoryData<string, string> Kinds { get; } = new()
    {
        { "fifo", "a FIFO" },
        { "socket", "a socket" },
        { "device", "a character device" },
        { "nowhere", "a link that leads nowhere" },
        { "circle", "a link that leads in a circle" },
        { "link-to-fifo", "a FIFO" },
    };

    public static void Create(string path, string kind)
    {
        switch (kind)
        {
            case "fifo":
                MakeFifo(path);
                break;
            case "socket":
                // The name stays when the socket is closed.
                using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                {
                    socket.Bind(new UnixDomainSocketEndPoint(path));
                    var name = path + ".away";
                    File.Move(path, name);
                    socket.Close();
                    File.Move(name, path);
                }

                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "nowhere":
                File.CreateSymbolicLink(path, path + ".nowhere");
                break;
            case "circle":
                File.CreateSymbolicLink(path, path);
                break;
            case "link-to-fifo":
                var target = Path.Combine(Directory.CreateTempSubdirectory("sluice-fifo-").FullName, "fifo");
                MakeFifo(target);
                File.CreateSymbolicLink(path, target);
                break;
        }
    }

    private static void MakeFifo(string path)
    {
        using var making = Process.Start("mkfifo", [path]);
        making.WaitForExit();
    }
}
