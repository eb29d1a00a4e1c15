namespace Sluice.Engine.Journal;

/// <summary>A rejected request as it is stored, without its body and credentials. Similar requests within a short time are one, with a count.</summary>
/// <param name="Workflow">The workflow that it was meant for.</param>
/// <param name="Path">Its path, without the query; null if there were too many paths and addresses to tell apart.</param>
/// <param name="RemoteIp">The caller's address; null if it is not known, or not told apart.</param>
/// <param name="Reason">The rule that refused it, kebab-case: <c>wrong-signature</c>.</param>
/// <param name="Detail">What was wrong, for the operator.</param>
/// <param name="FirstAt">When the first came.</param>
/// <param name="LastAt">When the last came.</param>
/// <param name="Count">How many came.</param>
internal sealed record RejectedRequest(
    string Workflow, string? Path, string? RemoteIp, string Reason, string Detail, DateTimeOffset FirstAt, DateTimeOffset LastAt, long Count)
{
    /// <summary>Its increasing number; 0 if it is not stored yet.</summary>
    public long Id { get; init; }
}

/// <summary>How many refusals are kept, and for how long.</summary>
internal sealed record RejectionRetention(int Most, TimeSpan Longest);

/// <summary>Which refusals, newest first.</summary>
/// <param name="Workflow">Only those of this workflow; null for all.</param>
/// <param name="Before">Only those older than this one; null for the newest.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record RejectionFilter(string? Workflow, long? Before, int Limit);

/// <summary>The durable record of refused requests.</summary>
internal interface IRejectionStore
{
    /// <summary>Adds what was refused, and forgets what is beyond the retention.</summary>
    /// <exception cref="JournalUnavailableException">It can't be written now.</exception>
    ValueTask AddAsync(IReadOnlyList<RejectedRequest> refusals, RejectionRetention retention, DateTimeOffset now, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<RejectedRequest>> ListAsync(RejectionFilter filter, CancellationToken cancellationToken);
}
