using System.Text.Json;

namespace Sluice.Engine.Journal;

/// <summary>What one step of a suspended run waits for: a time, a signal, whichever comes first of the two, or a plugin. One row each.</summary>
/// <param name="Path">The path of the step.</param>
/// <param name="Number">How often the step has suspended, from 1.</param>
internal sealed record Wait(string Path, int Number)
{
    /// <summary>When the wait ends by itself; null if it does not.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The name of the signal that ends it; null if none does.</summary>
    public string? Signal { get; init; }

    /// <summary>The plugin that must come back; empty if it is not known which. Null if the wait is for something else.</summary>
    public string? Plugin { get; init; }
}

/// <summary>A signal that a run received and has not consumed.</summary>
/// <param name="Name">Its name, unique in the run.</param>
/// <param name="Payload">What came with it.</param>
/// <param name="At">When it came.</param>
internal sealed record Signal(string Name, ReadOnlyMemory<byte> Payload, DateTimeOffset At)
{
    /// <summary>The most characters of a name.</summary>
    public const int LongestName = 200;

    /// <summary>The most bytes of a payload: it is stored twice and stays in memory while its step is active.</summary>
    public const int MostPayloadBytes = 1024 * 1024;
}

/// <summary>What became of a signal.</summary>
internal enum SignalResult
{
    /// <summary>The run is suspended and waits for it: the run is due now.</summary>
    Awaited,

    /// <summary>The run is stored with it, and reads it when it comes to its wait.</summary>
    Stored,

    /// <summary>A signal of this name came before: nothing changes.</summary>
    Repeated,

    /// <summary>The run has ended.</summary>
    Ended,

    /// <summary>There is no such run.</summary>
    Unknown,
}

/// <summary>An output that is stored apart from the entries, loaded only when somebody reads it.</summary>
/// <param name="Path">The path of its step.</param>
/// <param name="Attempt">The attempt that gave it.</param>
/// <param name="Bytes">UTF-8 JSON.</param>
internal sealed record StoredOutput(string Path, int Attempt, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>An output with more bytes than this is stored apart.</summary>
    public const int Threshold = 256 * 1024;

    /// <summary>Whether a row holds JSON of the length that its entry says.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> row, long? length)
    {
        if (row.Length != length)
        {
            return false;
        }

        var reader = new Utf8JsonReader(row);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
