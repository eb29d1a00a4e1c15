using System.Net.Sockets;
using Sluice.Engine.Blobs;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Host.Configuration;

namespace Sluice.Host.Composition;

/// <summary>The host can't start. The message is one line: what failed, where, and the cure.</summary>
internal sealed class StartException(string message, Exception cause) : Exception(message, cause);

/// <summary>Says what ended a start to the person who sees no stack trace.</summary>
internal static class StartFailure
{
    // EMFILE, as the platform reports it.
    private const int TooManyFiles = 24;

    /// <summary>A start's failure as one line; the same exception where its message is one already.</summary>
    public static Exception Explain(Exception failure, SluiceOptions? options)
    {
        if (failure is ConfigurationException or DataDirectoryException or StartException or OperationCanceledException)
        {
            return failure;
        }

        var causes = Causes(failure).ToArray();
        var message = causes.Select(cause => Known(cause, options)).FirstOrDefault(known => known is not null)
            ?? $"The host can't start: {OneLine(failure.Message)} ({failure.GetType().Name}). Check the configuration with docs/reference/configuration.md.";
        return new StartException(message, failure);
    }

    private static string? Known(Exception cause, SluiceOptions? options) => cause switch
    {
        ConfigurationException or DataDirectoryException => cause.Message,
        IOException { HResult: TooManyFiles } or SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } =>
            "The host can't start: it may open too few files. Raise the limit to 1024 or more (ulimit -n, LimitNOFILE).",
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            $"This user may not listen on {Addresses(options)}. Ports below 1024 need a privilege: choose others with --urls and --admin-urls.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            $"One of the addresses {Addresses(options)} is not one of this machine. Name one that is with --urls or --admin-urls, or 0.0.0.0 for all.",
        SocketException socket => $"The host can't listen on {Addresses(options)}: {OneLine(socket.Message)}. Choose other addresses with --urls and --admin-urls.",
        JournalUnavailableException or BlobStoreException => $"The host can't start: {OneLine(cause.Message)}",
        InvalidDataException or FormatException => $"The configuration can't be read: {OneLine(Deepest(cause).Message)} Correct {Path.Combine(AppContext.BaseDirectory, "appsettings.json")}.",
        UnauthorizedAccessException or IOException =>
            $"The host can't start: {OneLine(cause.Message)} Give this user read and write access to the data directory{Named(options?.Data.Directory)}, and read access to plugins and workflows.",
        _ => null,
    };

    private static string Addresses(SluiceOptions? options) => options is null ? "its addresses" : $"{options.Urls} or {options.Admin.Urls}";

    private static string Named(string? directory) => directory is null ? "" : $" {directory}";

    // The outermost first: it knows the most of the place.
    private static IEnumerable<Exception> Causes(Exception failure)
    {
        var inner = failure is AggregateException several ? several.InnerExceptions : failure.InnerException is { } one ? [one] : (IEnumerable<Exception>)[];
        return inner.SelectMany(Causes).Prepend(failure);
    }

    private static Exception Deepest(Exception failure) => failure.GetBaseException();

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();
}
