using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Sluice.Host.Configuration;

/// <summary>The environment variables of the host (<c>SLUICE_…</c>): secrets and configuration, which plugins must not see.</summary>
internal static partial class HostEnvironment
{
    private const string Prefix = "SLUICE_";

    /// <summary>
    /// Removes the host's variables from this process, including native code, and overwrites their values in the initial environment block.
    /// Call it after the last of them was read and before plugin code runs.
    /// </summary>
    public static void Clear()
    {
        var names = Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsOwn).ToArray();
        foreach (var name in names)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        // Except on Windows, .NET changes a copy of its own and leaves the environment block of the process unchanged.
        if (OperatingSystem.IsLinux())
        {
            Overwrite();
        }

        if (!OperatingSystem.IsWindows())
        {
            Array.ForEach(names, name => _ = Unset(name));
        }
    }

    private static bool IsOwn(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    // /proc/PID/environ shows this memory to every process of the same user.
    private static void Overwrite()
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "environ", out var environ))
        {
            return;
        }

        var entries = Marshal.ReadIntPtr(environ);
        for (var index = 0; entries != 0 && Marshal.ReadIntPtr(entries, index * nint.Size) is var entry and not 0; index++)
        {
            if (Marshal.PtrToStringUTF8(entry) is { } text && text.IndexOf('=', StringComparison.Ordinal) is var sign and > 0 && IsOwn(text[..sign]))
            {
                for (var at = Encoding.UTF8.GetByteCount(text.AsSpan(0, sign)) + 1; Marshal.ReadByte(entry, at) != 0; at++)
                {
                    Marshal.WriteByte(entry, at, 0);
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unset(string name);
}
