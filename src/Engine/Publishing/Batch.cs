namespace Sluice.Engine.Publishing;

/// <summary>Work on many workflows at once: much of it keeps all processors busy, off the caller's thread; a little is not worth the hand-over.</summary>
internal static class Batch
{
    private const int Few = 8;

    /// <summary>What becomes of each item, in their order.</summary>
    public static async Task<TResult[]> SelectAsync<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> select, CancellationToken cancellationToken) =>
        items.Count <= Few
            ? [.. items.Select(select)]
            : await Task.Run(() => InParallel(items, select, cancellationToken), cancellationToken);

    // A method of its own: what it is made of is not loaded where there is little to do.
    private static TResult[] InParallel<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> select, CancellationToken cancellationToken) =>
        [.. items.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(select)];
}
