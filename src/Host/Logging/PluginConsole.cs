using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text;
using Sluice.Engine.Plugins;

namespace Sluice.Host.Logging;

/// <summary>
/// The console as code in this process sees it: output of plugins goes to the log under their name; output of the host passes through.
/// </summary>
/// <remarks>
/// The writer is determined from the stack, so a call of a node costs nothing extra. A plugin that opens the standard output stream itself
/// bypasses this.
/// </remarks>
internal sealed class PluginConsole(TextWriter console) : TextWriter
{
    private const int LongestLine = 8192;

    private readonly ConditionalWeakTable<AssemblyLoadContext, StringBuilder> _lines = [];

    public override Encoding Encoding => console.Encoding;

    /// <summary>Receives the lines of plugins; while it is null, they pass through too.</summary>
    public ILogger? Log { get; set; }

    /// <summary>Gets the name of the plugin whose assemblies are at a path; null if unknown.</summary>
    public Func<string, string?> NameOf { get; set; } = _ => null;

    /// <summary>Replaces standard output and standard error for the rest of the process.</summary>
    public static IReadOnlyList<PluginConsole> Install()
    {
        var (output, error) = (new PluginConsole(Console.Out), new PluginConsole(Console.Error));
        Console.SetOut(output);
        Console.SetError(error);
        return [output, error];
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.IsEmpty)
        {
            return;
        }

        if (Log is null || WritingContext() is not { } context)
        {
            console.Write(buffer);
            return;
        }

        Take(context, buffer);
    }

    public override void WriteLine(string? value) => Write($"{value}{NewLine}");

    public override void Flush() => console.Flush();

    private void Take(AssemblyLoadContext context, ReadOnlySpan<char> text)
    {
        var line = _lines.GetOrCreateValue(context);
        lock (line)
        {
            foreach (var letter in text)
            {
                if (letter is not ('\r' or '\n'))
                {
                    line.Append(letter);
                }

                if (line.Length > 0 && (letter == '\n' || line.Length >= LongestLine))
                {
                    PluginOutput.Log(Log!, Named(context), line.ToString());
                    line.Clear();
                }
            }
        }
    }

    private string Named(AssemblyLoadContext context) =>
        context.Assemblies.Select(assembly => NameOf(assembly.Location)).FirstOrDefault(name => name is not null) ?? context.Name ?? "?";

    // The innermost frame of collectible code: in the host, all collectible code is plugins.
    private static AssemblyLoadContext? WritingContext() => new StackTrace(skipFrames: 2, fNeedFileInfo: false).GetFrames()
        .Select(frame => frame.GetMethod()?.Module.Assembly)
        .Where(assembly => assembly is { IsCollectible: true, IsDynamic: false })
        .Select(assembly => AssemblyLoadContext.GetLoadContext(assembly!))
        .FirstOrDefault(context => context is not null);
}
