using Sluice.Engine.Journal;

namespace Sluice.Host.Api;

/// <summary>The query of a list of runs, or of the requests that started them, as it came: what is wrong with it is told as a problem.</summary>
internal sealed record RunQuery(string? Workflow, string? Status, string? Limit, string? Before)
{
    public const string AboutWorkflow = "Only those of this workflow.";
    public const string AboutStatus = "Only runs in this state: queued, running, suspended, succeeded, failed, cancelled or quarantined.";
    public const string AboutLimit = "How many at most, 1 to 1000; 50 where it is left out.";
    public const string AboutBefore = "Only those before this one: the id of the last one of the page before.";

    private const int LongestList = 1000;

    /// <summary>The runs that it asks for, or what is wrong with it.</summary>
    public (RunFilter? Filter, string? Wrong) Read()
    {
        RunStatus? status = null;
        if (Status is { Length: > 0 } name)
        {
            if (!Enum.TryParse<RunStatus>(name, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            {
                return (null, $"\"{name}\" is no status. There are {string.Join(", ", Enum.GetNames<RunStatus>().Select(n => n.ToLowerInvariant()))}.");
            }

            status = parsed;
        }

        RunId? before = null;
        if (Before is { Length: > 0 } text)
        {
            if (!RunId.TryParse(text, out var id))
            {
                return (null, $"before={text} is no run id: give the id of the last run of the page before.");
            }

            before = id;
        }

        var limit = 50;
        if (Limit is { Length: > 0 } count && (!int.TryParse(count, out limit) || limit is < 1 or > LongestList))
        {
            return (null, $"limit={count} is not a number from 1 to {LongestList}.");
        }

        return (new RunFilter(string.IsNullOrEmpty(Workflow) ? null : Workflow, status, before, limit), null);
    }
}
