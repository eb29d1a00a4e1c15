using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Plugins;

/// <summary>An exception out of plugin code as text; the exception itself must not be kept, its stack trace pins the plugin in memory.</summary>
/// <param name="Text">Its type and message, in one line.</param>
/// <param name="Details">All of it, with the stack, for the log.</param>
internal sealed record PluginFault(string Text, string Details)
{
    // A message goes into the journal; this is more than anybody reads.
    private const int MaxTextLength = 1000;

    public static PluginFault Of(Exception exception)
    {
        if (exception is PluginProcessException { Fault: { } fault })
        {
            return fault;
        }

        var type = exception.GetType().FullName ?? exception.GetType().Name;
        try
        {
            var text = $"{type}: {exception.Message}";
            return new PluginFault(text.Length > MaxTextLength ? text[..MaxTextLength] + "…" : text, exception.ToString());
        }
        catch (Exception broken)
        {
            // Message and ToString are the plugin's code too.
            var text = $"{type} (reading its message threw {broken.GetType().FullName})";
            return new PluginFault(text, text);
        }
    }
}
