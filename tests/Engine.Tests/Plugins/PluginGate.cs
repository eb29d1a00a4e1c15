namespace Sluice.Engine.Tests.Plugins;

/// <summary>Where the fixture plugin <c>Blocking</c> blocks, until the test opens it.</summary>
internal sealed class PluginGate : IDisposable
{
    private readonly string _name = $"gate-{Guid.NewGuid():N}";
    private readonly ManualResetEventSlim _gate = new();

    public PluginGate() => AppContext.SetData(_name, _gate);

    /// <summary>Whether code of the plugin waits here, or has.</summary>
    public bool IsEntered => AppContext.GetData($"{_name}.entered") is true;

    /// <summary>Makes the plugin in a folder block in a place; each call makes the folder's content another one.</summary>
    public void PlaceIn(string folder, string place) => File.WriteAllText(Path.Combine(folder, "blocks.txt"), $"{place} {_name}");

    public void Open() => _gate.Set();

    // Not disposed: code of a plugin may still be about to wait here.
    public void Dispose() => Open();
}
