namespace Sluice.Engine.Publishing;

/// <summary>Processes many workflows: large batches on all processors, off the caller's thread; small ones inline.</summary>
internal static class Batch
{
    private const int Few = 8;

    /// <summary>Returns the result of each item, in order.</summary>
    public static async Task<TResult[]> SelectAsync<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> select, CancellationToken cancellationToken) =>
        items.Count <= Few
            ? [.. items.Select(select)]
            : await Task.Run(() => InParallel(items, select, cancellationToken), cancellationToken);

    // A separate method, so that small batches do not load what it needs.
    private static TResult[] InParallel<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> select, CancellationToken cancellationToken) =>
        [.. items.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(select)];
}
