using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

public sealed class PluginRosterTests
{
    private readonly PluginRoster _roster = new(new NodeCatalog());

    [Fact]
    public void A_rejected_folder_whose_code_still_runs_is_listed_as_leaking_until_it_returns()
    {
        var writtenOff = Reject();
        _roster.Change(roster => roster.Clear("Slow"));
        Assert.Equal(PluginState.Leaking, Assert.Single(_roster.Statuses).State);

        writtenOff.Return();

        Assert.Equal(PluginState.Unloaded, Assert.Single(_roster.Statuses).State);
    }

    [Fact]
    public void Of_what_is_gone_only_the_last_is_listed()
    {
        for (var time = 0; time < 100; time++)
        {
            var writtenOff = Reject();
            _roster.Change(roster => roster.Clear("Slow"));
            writtenOff.Return();
        }

        _roster.Change(_ => { });

        Assert.Equal(16, _roster.Statuses.Count);
    }

    private WrittenOff Reject()
    {
        var writtenOff = new WrittenOff();
        writtenOff.Add();
        _roster.Change(roster => roster.Reject(PluginEntry.Rejected(new PluginAttempt("/plugins/Slow", null) { WrittenOff = writtenOff }, [new Rejection("deadline", "Too slow.")])));
        return writtenOff;
    }
}
