using Sluice.Engine.Publishing;

namespace Sluice.Engine.Tests.Publishing;

/// <summary>A store that forgets when the test ends, and that can be told to fail.</summary>
internal sealed class MemoryWorkflowStore : IWorkflowStore
{
    private readonly Dictionary<string, List<StoredWorkflow>> _versions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);

    public bool IsBroken { get; set; }

    public int Batches { get; private set; }

    public int Reads { get; private set; }

    public ValueTask<IReadOnlyList<StoredWorkflow>> LatestAsync(CancellationToken cancellationToken) =>
        new([.. _versions.Where(workflow => !_deleted.Contains(workflow.Key)).Select(workflow => workflow.Value[^1])]);

    public ValueTask<StoredWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken)
    {
        Reads++;
        return new(_versions.GetValueOrDefault(name)?.Find(stored => stored.Version == version));
    }

    public ValueTask<IReadOnlyList<StoredWorkflow>> PublishAsync(IReadOnlyList<WorkflowText> texts, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ThrowIfBroken();
        Batches++;
        return new([.. texts.Select(text => Add(text, at))]);
    }

    public ValueTask<bool> SetEnabledAsync(string name, bool enabled, CancellationToken cancellationToken)
    {
        _versions[name][^1] = _versions[name][^1] with { Enabled = enabled };
        return new(true);
    }

    public ValueTask PinAsync(IReadOnlyList<StoredWorkflow> versions, CancellationToken cancellationToken)
    {
        ThrowIfBroken();
        foreach (var version in versions)
        {
            _versions[version.Name][version.Version - 1] = _versions[version.Name][version.Version - 1] with { Pins = version.Pins, Check = version.Check };
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken) => new(_deleted.Add(name));

    /// <summary>Changes the latest version of a workflow behind everybody's back.</summary>
    public void Spoil(string name, Func<StoredWorkflow, StoredWorkflow> change) => _versions[name][^1] = change(_versions[name][^1]);

    private void ThrowIfBroken()
    {
        if (IsBroken)
        {
            throw new IOException("No space left on device.");
        }
    }

    private StoredWorkflow Add(WorkflowText text, DateTimeOffset at)
    {
        if (!_versions.TryGetValue(text.Name, out var versions))
        {
            _versions[text.Name] = versions = [];
        }

        var isEnabled = versions.Count == 0 || _deleted.Contains(text.Name) || versions[^1].Enabled;
        _deleted.Remove(text.Name);
        versions.Add(new StoredWorkflow(text.Name, versions.Count + 1, text.Text, text.Source, isEnabled, at) { Pins = text.Pins, Check = text.Check });
        return versions[^1];
    }
}
