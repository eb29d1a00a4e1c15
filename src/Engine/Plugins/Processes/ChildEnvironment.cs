using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>Restricts the environment of a plugin's process to an allow-list, because environment variables often hold tokens.</summary>
internal static class ChildEnvironment
{
    private static readonly FrozenSet<string> _needed = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        // The locations of programs, libraries, certificates and temporary files, and the user.
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "TZDIR", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
        // The same on Windows.
        "SystemRoot", "SystemDrive", "windir", "TEMP", "TMP", "USERNAME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles",
        "ProgramFiles(x86)", "CommonProgramFiles", "ComSpec", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "OS");

    // Locale categories, and the settings of the .NET runtime.
    private static readonly ImmutableArray<string> _prefixes = ["LC_", "DOTNET_"];

    /// <summary>Removes the variables that a plugin's process must not get.</summary>
    /// <param name="environment">The host's variables; reduced to those of the process.</param>
    /// <param name="named">The names that the operator passes on.</param>
    public static void Restrict(IDictionary<string, string?> environment, ImmutableArray<string> named)
    {
        foreach (var name in environment.Keys.Where(name => !IsPassed(name, named)).ToArray())
        {
            environment.Remove(name);
        }
    }

    private static bool IsPassed(string name, ImmutableArray<string> named) =>
        _needed.Contains(name)
        || _prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || named.Contains(name, StringComparer.OrdinalIgnoreCase);
}
