namespace Sluice.Engine.Plugins.Processes;

/// <summary>What went wrong in a plugin's process or with it, as the host knows it: text.</summary>
internal sealed class PluginProcessException : Exception
{
    private readonly string? _details;

    /// <summary>Something that happened to the process; a sentence for people.</summary>
    public PluginProcessException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that plugin code threw in its process.</summary>
    public PluginProcessException(PluginFault fault)
        : base(fault.ToString())
    {
        Fault = fault;
        _details = fault.Details;
    }

    /// <summary>What plugin code threw; null where it is about the process.</summary>
    public PluginFault? Fault { get; }

    public override string ToString() => _details ?? Message;
}
