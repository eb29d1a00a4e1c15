using System.Reflection;

namespace Sluice.Crash.Tests;

/// <summary>The folders that one host after another is started on: its data, its workflows, its plugins, and the witness's file.</summary>
internal sealed class HostFolders : IDisposable
{
    private readonly string _root;

    /// <param name="workflows">The names of the files of <c>workflows/</c> that the host is to have.</param>
    public HostFolders(params IEnumerable<string> workflows)
    {
        _root = Directory.CreateTempSubdirectory("sluice-crash-").FullName;
        Data = Path.Combine(_root, "data");
        Workflows = Directory.CreateDirectory(Path.Combine(_root, "workflows")).FullName;
        Plugins = Path.Combine(_root, "plugins");
        Witness = new WitnessFile(Path.Combine(_root, "witness.txt"));
        foreach (var name in workflows)
        {
            var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "workflows", $"{name}.yaml"));
            File.WriteAllText(Path.Combine(Workflows, $"{name}.yaml"), text.Replace("$WITNESS", Witness.Path, StringComparison.Ordinal));
        }

        Copy(Path.Combine(Built("Host"), "plugins", "Logic"), Path.Combine(Plugins, "Logic"));
        Copy(Path.Combine(Built("Host"), "plugins", "Notifications"), Path.Combine(Plugins, "Notifications"));
        Copy(Built("Witness"), Path.Combine(Plugins, "Witness"));
    }

    public string Data { get; private init; }

    public string Workflows { get; }

    public string Plugins { get; }

    public WitnessFile Witness { get; }

    public static string Program => Path.Combine(Built("Host"), "sluice.dll");

    /// <summary>Adds the plugin whose nodes end their process.</summary>
    public HostFolders WithPerils()
    {
        Copy(Built("Perils"), Path.Combine(Plugins, "Perils"));
        return this;
    }

    /// <summary>A folder of this name beside the others.</summary>
    public string Beside(string name) => Path.Combine(_root, name);

    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Built(string name) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;
}
