using System.Diagnostics.Metrics;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Where the database is, and its settings.</summary>
/// <param name="Directory">The data directory, created if needed; one host at a time.</param>
internal sealed record SqliteOptions(string Directory)
{
    public const string FileName = "sluice.db";

    /// <summary>
    /// The size of a page of a new file, in bytes. A plain run is about 1 KB: pages of 8 KiB hold them with less waste, and cost the writer a fifth less
    /// time, than SQLite's 4 KiB.
    /// </summary>
    public const int PageBytes = 8192;

    /// <summary>How many runs one commit may hold.</summary>
    public int BatchLimit { get; init; } = 1024;

    /// <summary>
    /// The write-ahead log is folded into the database when it has grown to this many pages. All commits wait for that, so it decides the slowest hundredth
    /// of the requests of a busy host: 500 pages, 4 MB, take a third of the time of 2000, and cost no throughput.
    /// </summary>
    public int CheckpointPages { get; init; } = 500;

    /// <summary>The most pages that the database may grow to; null for what the disk holds.</summary>
    public int? PageLimit { get; init; }

    /// <summary>How long to wait between two looks whether a journal that could not be written can be again.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A file of up to this size is checked for damage before it is used; a larger one beside the running host.</summary>
    public long QuickCheckBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Continues with the rest if the database, or a part of it, is lost.</summary>
    public bool AcceptLoss { get; init; }

    /// <summary>Records the time of each commit, in seconds.</summary>
    public Histogram<double>? CommitTime { get; init; }

    public string File => Path.Combine(Directory, FileName);
}
