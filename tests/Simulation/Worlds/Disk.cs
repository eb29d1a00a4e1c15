using Sluice.Engine.Journal;

namespace Sluice.Simulation.Worlds;

/// <summary>What survives a crash: the rows of runs and the claims. Changed in pieces, so that any prefix of a batch can be its state.</summary>
internal sealed class Disk
{
    private readonly SortedDictionary<RunId, RunRow> _rows = [];
    private readonly Dictionary<string, (HeldClaim Held, DateTimeOffset ExpiresAt)> _claims = [];
    private long _pieces;

    public IEnumerable<RunRow> Rows => _rows.Values;

    public RunRow? Find(RunId id) => _rows.GetValueOrDefault(id);

    public HeldClaim? FindClaim(byte[] key, DateTimeOffset now) =>
        _claims.TryGetValue(Convert.ToHexString(key), out var claim) && !IsSpent(claim.Held.Run, claim.ExpiresAt, now) ? claim.Held : null;

    /// <summary>Why a write is refused; null if it is not.</summary>
    public Exception? Refuse(RunLog log, PendingWrite write)
    {
        if (!write.IsFirst)
        {
            return Find(log.Header.Id)?.Fence == log.Fence ? null : new FencedException(log.Header.Id);
        }

        return log.Claim is { } claim && FindClaim(claim.Key, log.Header.StartedAt) is not null
            ? new JournalUnavailableException($"Run {log.Header.Id} is not kept: another run holds its key.") { IsOfOneRun = true }
            : null;
    }

    /// <summary>The pieces of a write, in order: one for each record. What else it changes goes with the last.</summary>
    public List<DiskPiece> PiecesOf(RunLog log, PendingWrite write, long epoch)
    {
        var lines = Lines(write.EntryBytes);
        var pieces = new List<DiskPiece>(Math.Max(1, lines.Count));
        for (var index = 0; index < Math.Max(1, lines.Count); index++)
        {
            var (line, isFirst, isLast) = (index < lines.Count ? lines[index] : null, write.IsFirst && index == 0, index >= lines.Count - 1);
            pieces.Add(new DiskPiece(log.Header.Id, line, () => Apply(log, write, epoch, line, isFirst, isLast)));
        }

        return pieces;
    }

    /// <summary>Whether a run is as it was read.</summary>
    public bool IsUnchanged(RunRecord read) => Find(read.Header.Id) is { } row && row.Fence == read.Fence && row.Status == read.Status && row.Revision == read.Revision;

    /// <summary>The take-over of a run by a host.</summary>
    public DiskPiece TakeOver(RunRecord run, long epoch, JournalEntry? entry) => new(run.Header.Id, null, () =>
    {
        var row = Find(run.Header.Id)!;
        if (entry is not null)
        {
            var buffer = new EntryBuffer();
            buffer.Append(entry);
            row.Lines.Add(buffer.Bytes.ToArray());
            row.Revision = ++_pieces;
        }

        row.Fence++;
        row.Owner = row.Status <= RunStatus.Suspended ? epoch : null;
        if (row.Status <= RunStatus.Suspended)
        {
            (row.Status, row.WakeAt, row.Waits) = (RunStatus.Running, null, []);
        }
    });

    private void Apply(RunLog log, PendingWrite write, long epoch, byte[]? line, bool isFirst, bool isLast)
    {
        if (isFirst)
        {
            _rows.Add(log.Header.Id, new RunRow(log.Header) { Fence = log.Fence, Owner = epoch, Status = RunStatus.Running });
            if (log.Claim is { } claim)
            {
                _claims[Convert.ToHexString(claim.Key)] = (new HeldClaim(log.Header.Id, claim.Fingerprint), claim.ExpiresAt);
            }
        }

        var row = _rows[log.Header.Id];
        if (line is not null)
        {
            row.Lines.Add(line);
            row.Revision = ++_pieces;
        }

        if (!isLast)
        {
            return;
        }

        if (isFirst || write.IsDirty)
        {
            (row.Status, row.FinishedAt, row.WakeAt) = (write.Status, write.FinishedAt, write.WakeAt);
            row.Owner = write.Status == RunStatus.Running ? epoch : null;
        }

        if (write.Rows is { } rows)
        {
            row.Waits = rows.Waits ?? row.Waits;
            row.Outputs.AddRange(rows.Outputs);
        }
    }

    private bool IsSpent(RunId run, DateTimeOffset expiresAt, DateTimeOffset now) =>
        Find(run) is not { } row || (expiresAt <= now && row.Status > RunStatus.Suspended);

    private static List<byte[]> Lines(ReadOnlySpan<byte> entries)
    {
        var lines = new List<byte[]>();
        while (!entries.IsEmpty)
        {
            var end = entries.IndexOf((byte)'\n') + 1;
            lines.Add(entries[..end].ToArray());
            entries = entries[end..];
        }

        return lines;
    }
}

/// <summary>One change to the disk.</summary>
/// <param name="Run">The run that it changes.</param>
/// <param name="Line">The record that it adds; null if it adds none.</param>
/// <param name="Apply">Makes the change.</param>
internal sealed record DiskPiece(RunId Run, byte[]? Line, Action Apply);

/// <summary>A run on the disk.</summary>
internal sealed class RunRow(RunHeader header)
{
    public RunHeader Header => header;

    public RunStatus Status { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    public long Fence { get; set; }

    public long? Owner { get; set; }

    public long Revision { get; set; }

    /// <summary>Its records, each with its line end.</summary>
    public List<byte[]> Lines { get; } = [];

    public IReadOnlyList<Wait> Waits { get; set; } = [];

    public List<StoredOutput> Outputs { get; } = [];

    public ReadOnlyMemory<byte> Bytes => Lines.SelectMany(line => line).ToArray();

    /// <summary>Its records, as they were written.</summary>
    public IReadOnlyList<JournalEntry> Entries => JournalEntryReader.Read(Bytes);
}
