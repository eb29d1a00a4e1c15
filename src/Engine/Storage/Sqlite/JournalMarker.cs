using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The file beside the database that remembers its mark: it tells a new data directory from one that has lost its database.</summary>
/// <remarks>
/// It is overwritten in place, within one sector, and flushed at a start and a stop only: an older mark that a power cut brings back is a weaker
/// promise and never a wrong one.
/// </remarks>
internal sealed class JournalMarker(SafeFileHandle file, ILogger logger)
{
    public const string FileName = "sluice.marker";

    private const int Bytes = 256;

    private JournalMark? _written;

    /// <summary>Opens the marker of a data directory for writing, and creates it if needed.</summary>
    public static JournalMarker Open(string directory, ILogger logger) =>
        new(File.OpenHandle(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite), logger);

    /// <summary>Whether the directory has a marker, and its mark; no mark if the file is unreadable.</summary>
    public static (bool Exists, JournalMark? Mark) Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return (false, null);
        }

        using var reader = new StreamReader(path, Encoding.UTF8);
        var text = new char[Bytes];
        return (true, JournalMark.Parse(new string(text, 0, reader.ReadBlock(text))));
    }

    /// <param name="mark">What to remember.</param>
    /// <param name="flush">Whether it must be durable at once.</param>
    public void Write(JournalMark mark, bool flush)
    {
        var text = Encoding.UTF8.GetBytes(mark.Write().PadRight(Bytes - 1) + "\n");
        RandomAccess.Write(file, text, fileOffset: 0);
        if (flush)
        {
            RandomAccess.FlushToDisk(file);
        }

        _written = mark;
    }

    /// <summary>Writes the last mark. An older mark that stays is not wrong, so a disk that fails now fails nothing else.</summary>
    /// <param name="last">The mark after the last write; null if the database can't be written. A full disk still takes what replaces the marker's bytes.</param>
    /// <param name="hasFailed">Whether a write failed since the start.</param>
    public void Close(JournalMark? last, bool hasFailed)
    {
        try
        {
            if ((last ?? _written) is { } mark)
            {
                Write(mark with { IsUnrecordedStop = hasFailed || last is null }, flush: true);
            }
        }
        catch (IOException failure)
        {
            logger.LogWarning(failure, "The marker of the journal could not be brought up to date.");
        }

        file.Dispose();
    }
}
