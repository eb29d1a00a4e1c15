using Sluice.Engine.Journal;

namespace Sluice.Host.Api;

/// <summary>The query parameters of a list of runs, or of recorded requests; invalid ones become a problem.</summary>
internal sealed record RunQuery(string? Workflow, string? Status, string? Limit, string? Before)
{
    public const string AboutWorkflow = "Only entries of this workflow.";
    public const string AboutStatus = "Only runs with this status: queued, running, suspended, succeeded, failed, cancelled or quarantined.";
    public const string AboutLimit = "Maximum number of entries, 1 to 1000; 50 if omitted.";
    public const string AboutBefore = "Only entries before this ID: the ID of the last entry of the previous page.";

    private const int LongestList = 1000;

    /// <summary>Parses the query into a filter, or a problem.</summary>
    public (RunFilter? Filter, string? Wrong) Read()
    {
        RunStatus? status = null;
        if (Status is { Length: > 0 } name)
        {
            if (!Enum.TryParse<RunStatus>(name, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            {
                return (null, $"\"{name}\" is not a status. Use one of {string.Join(", ", Enum.GetNames<RunStatus>().Select(n => n.ToLowerInvariant()))}.");
            }

            status = parsed;
        }

        RunId? before = null;
        if (Before is { Length: > 0 } text)
        {
            if (!RunId.TryParse(text, out var id))
            {
                return (null, $"before={text} is not a run ID. Use the ID of the last run of the previous page.");
            }

            before = id;
        }

        var limit = 50;
        if (Limit is { Length: > 0 } count && (!int.TryParse(count, out limit) || limit is < 1 or > LongestList))
        {
            return (null, $"limit must be a number from 1 to {LongestList}, not {count}.");
        }

        return (new RunFilter(string.IsNullOrEmpty(Workflow) ? null : Workflow, status, before, limit), null);
    }
}
