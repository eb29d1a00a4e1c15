namespace Sluice.Engine.Plugins.Processes;

/// <summary>Thrown if a plugin's process, or plugin code in it, fails. Holds only strings.</summary>
internal sealed class PluginProcessException : Exception
{
    private readonly string? _details;

    /// <summary>Creates the exception for a failure of the process, described by a sentence.</summary>
    public PluginProcessException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception for one that plugin code threw in its process.</summary>
    public PluginProcessException(PluginFault fault)
        : base(fault.ToString())
    {
        Fault = fault;
        _details = fault.Details;
    }

    /// <summary>What plugin code threw; null if the process itself failed.</summary>
    public PluginFault? Fault { get; }

    public override string ToString() => _details ?? Message;
}
