using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Plugins;

/// <summary>An exception out of plugin code as text; the exception itself must not be kept, its stack trace pins the plugin in memory.</summary>
/// <param name="Type">Its type, which means something to the plugin's author only.</param>
/// <param name="Message">Its message, whole: a secret in it is masked before anything is cut.</param>
/// <param name="Details">All of it, with the stack, for the log.</param>
internal sealed record PluginFault(string Type, string Message, string Details)
{
    private const int LongestShown = 1000;

    /// <summary>Type and message, cut to what a person reads: for the author of a plugin that is loaded and has not been given a secret yet.</summary>
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
            // Message and ToString are the plugin's code too.
            return new PluginFault(type, "its message can't be read", $"{type} (reading its message threw {broken.GetType().FullName})");
        }
    }
}
