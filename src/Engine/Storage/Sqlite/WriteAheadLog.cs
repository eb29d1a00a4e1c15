using System.Buffers.Binary;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Looks through a write-ahead log before SQLite does, which takes what lies behind a damaged place for the remains of older logs.</summary>
/// <remarks>
/// The format: sqlite.org/fileformat2.html, section 4. With <c>synchronous=full</c> each transaction is durable before the next one is written. So a
/// crash or a power cut leaves at most one transaction that is incomplete, the last one. Where frames of the same log follow behind the end of the
/// transaction that does not add up, a transaction that had been durable is damaged.
/// </remarks>
internal static class WriteAheadLog
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    // Of the database's header: 1 for a rollback journal, 2 for a write-ahead log.
    private const int WriteVersionAt = 18;
    private const int WithoutLog = 1;

    // The last bit says in which byte order checksums add the words up.
    private const uint Magic = 0x377F0682;

    /// <summary>
    /// Whether a log beside this database can't be its own, because the database keeps none: one that was saved while its files were gone. SQLite would
    /// read the log into it all the same.
    /// </summary>
    public static bool IsAlien(string database)
    {
        using var file = new FileStream(database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[WriteVersionAt + 1];
        return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            && header.StartsWith("SQLite format 3"u8) && header[WriteVersionAt] == WithoutLog;
    }

    /// <summary>Whether a log that holds something does not begin as a log does: another program truncated it, or wrote into it. False if it is empty or missing.</summary>
    public static bool IsOverwritten(string path)
    {
        try
        {
            // SQLite locks the database and its shared memory, never the log: closing this handle drops no lock of the writer.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> magic = stackalloc byte[sizeof(uint)];
            return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length
                && (BinaryPrimitives.ReadUInt32BigEndian(magic) & ~1U) != Magic;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>What is wrong with a log, as a sentence's end; null for one that is right, empty or not there.</summary>
    public static string? Damage(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 20);
        // A power cut can leave a first header that is not whole; nothing had been written behind it then.
        if (file.Length <= HeaderBytes)
        {
            return null;
        }

        var header = new byte[HeaderBytes];
        file.ReadExactly(header);
        var magic = Big(header, 0);
        var sum = new Checksum(isBigEndian: (magic & 1) != 0);
        sum.Add(header.AsSpan(0, HeaderBytes - 8));
        return (magic & ~1U) == Magic && sum.Is(header.AsSpan(HeaderBytes - 8))
            ? HasDamagedTransaction(file, Big(header, 8), header.AsSpan(16, 8), sum) ? "is damaged: transactions that were durable do not add up" : null
            : "is not a write-ahead log";
    }

    private static bool HasDamagedTransaction(FileStream file, uint pageBytes, ReadOnlySpan<byte> salts, Checksum sum)
    {
        var frame = new byte[FrameHeaderBytes + pageBytes];
        var isWhole = true;
        var isBehindTransaction = false;
        while (file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length)
        {
            var isOfThisLog = frame.AsSpan(8, 8).SequenceEqual(salts) && Big(frame, 0) != 0;
            if (isWhole)
            {
                sum.Add(frame.AsSpan(0, 8));
                sum.Add(frame.AsSpan(FrameHeaderBytes));
                isWhole = isOfThisLog && sum.Is(frame.AsSpan(16, 8));
            }

            if (!isWhole && isOfThisLog)
            {
                if (isBehindTransaction)
                {
                    return true;
                }

                // The last frame of a transaction names the size that the database has after it.
                isBehindTransaction = Big(frame, 4) != 0;
            }
        }

        return false;
    }

    private static uint Big(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    /// <summary>The running checksum of a log.</summary>
    private struct Checksum(bool isBigEndian)
    {
        private uint _first;
        private uint _second;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            for (var i = 0; i < bytes.Length; i += 8)
            {
                _first = unchecked(_first + Word(bytes[i..]) + _second);
                _second = unchecked(_second + Word(bytes[(i + 4)..]) + _first);
            }
        }

        public readonly bool Is(ReadOnlySpan<byte> stored) => Big(stored, 0) == _first && Big(stored, 4) == _second;

        private readonly uint Word(ReadOnlySpan<byte> bytes) =>
            isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
