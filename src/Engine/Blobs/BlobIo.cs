namespace Sluice.Engine.Blobs;

/// <summary>
/// Separates failures of the store's own disk, thrown as <see cref="BlobStoreException"/>, from failures caused by a caller.
/// </summary>
internal static class BlobIo
{
    public static T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (IsOfTheDisk(failure))
        {
            throw Wrapped(failure);
        }
    }

    public static async ValueTask TryAsync(Func<ValueTask> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (IsOfTheDisk(failure))
        {
            throw Wrapped(failure);
        }
    }

    private static bool IsOfTheDisk(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private static BlobStoreException Wrapped(Exception failure) => new($"A caller's file can't be stored: {failure.Message}", failure);
}
