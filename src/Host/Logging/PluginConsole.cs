using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text;
using Sluice.Engine.Plugins;

namespace Sluice.Host.Logging;

/// <summary>
/// The console as code in this process sees it: what plugins in the host write goes to the log under their name; what the host writes passes through.
/// </summary>
/// <remarks>
/// Who writes is told by the stack, so a call of a node costs nothing more. A plugin that opens the standard output's stream by itself is not seen.
/// </remarks>
internal sealed class PluginConsole(TextWriter console) : TextWriter
{
    private const int LongestLine = 8192;

    private readonly ConditionalWeakTable<AssemblyLoadContext, StringBuilder> _lines = [];

    public override Encoding Encoding => console.Encoding;

    /// <summary>Where plugins' lines go; while there is none, they pass through too.</summary>
    public ILogger? Log { get; set; }

    /// <summary>The name of the plugin whose assemblies lie at a path; null where it is not known.</summary>
    public Func<string, string?> NameOf { get; set; } = _ => null;

    /// <summary>Takes the place of standard output and standard error, for the rest of the process.</summary>
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

    // The innermost frame of code that can be unloaded: plugins are all of it that the host has.
    private static AssemblyLoadContext? WritingContext() => new StackTrace(skipFrames: 2, fNeedFileInfo: false).GetFrames()
        .Select(frame => frame.GetMethod()?.Module.Assembly)
        .Where(assembly => assembly is { IsCollectible: true, IsDynamic: false })
        .Select(assembly => AssemblyLoadContext.GetLoadContext(assembly!))
        .FirstOrDefault(context => context is not null);
}
