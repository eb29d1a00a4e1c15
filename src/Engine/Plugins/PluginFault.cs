using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Plugins;

/// <summary>
/// An exception of plugin code as strings. The exception itself must not be kept, because its stack trace would keep the plugin in memory.
/// </summary>
/// <param name="Type">Its type, which is meaningful only to the plugin's author.</param>
/// <param name="Message">Its full message: secrets are masked before it is cut.</param>
/// <param name="Details">The exception with its stack trace, for the log.</param>
internal sealed record PluginFault(string Type, string Message, string Details)
{
    private const int LongestShown = 1000;

    /// <summary>Returns the type and the message, shortened; only for plugins that have not received a secret yet.</summary>
    public override string ToString() => $"{Type}: {(Message.Length > LongestShown ? $"{Message[..LongestShown]}…" : Message)}";

    public static PluginFault Of(Exception exception)
    {
        if (exception is PluginProcessException { Fault: { } fault })
        {
            return fault;
        }

        var type = exception.GetType().FullName ?? exception.GetType().Name;
        try
        {
            return new PluginFault(type, exception.Message, exception.ToString());
        }
        catch (Exception broken)
        {
            // Message and ToString can be plugin code too.
            return new PluginFault(type, "its message can't be read", $"{type} (reading its message threw {broken.GetType().FullName})");
        }
    }
}
