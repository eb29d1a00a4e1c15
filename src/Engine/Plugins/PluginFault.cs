using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Plugins;

/// <summary>An exception out of plugin code as text; the exception itself must not be kept, its stack trace pins the plugin in memory.</summary>
/// <param name="Type">Its type, which means something to the plugin's author only.</param>
/// <param name="Message">Its message, in one line.</param>
/// <param name="Details">All of it, with the stack, for the log.</param>
internal sealed record PluginFault(string Type, string Message, string Details)
{
    // A message goes into the journal; this is more than anybody reads.
    private const int MaxMessageLength = 1000;

    /// <summary>Type and message, for the plugin's author.</summary>
    public override string ToString() => $"{Type}: {Message}";

    public static PluginFault Of(Exception exception)
    {
        if (exception is PluginProcessException { Fault: { } fault })
        {
            return fault;
        }

        var type = exception.GetType().FullName ?? exception.GetType().Name;
        try
        {
            var message = exception.Message;
            return new PluginFault(type, message.Length > MaxMessageLength ? message[..MaxMessageLength] + "…" : message, exception.ToString());
        }
        catch (Exception broken)
        {
            // Message and ToString are the plugin's code too.
            return new PluginFault(type, "its message can't be read", $"{type} (reading its message threw {broken.GetType().FullName})");
        }
    }
}
