using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sluice.Host.Tests.Webhooks.Fuzz;

/// <summary>What a caller does once it has sent all.</summary>
internal enum Ending
{
    /// <summary>Waits a moment for answers, then says that it sends no more, and reads on to the end.</summary>
    Stay,

    /// <summary>Says at once that it sends no more, and reads to the end.</summary>
    HalfClose,

    /// <summary>Resets the connection without having read anything.</summary>
    HangUp,

    /// <summary>Says nothing at all: the host alone ends it, with an answer or without.</summary>
    Wait,
}

/// <summary>All that one connection of a fuzzed caller sends, and how it ends.</summary>
/// <param name="Segments">Each written by itself; its characters are bytes (Latin-1).</param>
/// <param name="Ending">What comes after the last of them.</param>
internal sealed record Exchange(ImmutableArray<string> Segments, Ending Ending)
{
    /// <summary>Whether its first request is of ambiguous length: the host answers 4xx, and reads nothing that follows it.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>Longer cases are cut: their seed gives them again.</summary>
    private const int Shown = 16_000;

    /// <summary>The case as C#, to be put into a test as it stands.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("new Exchange([");
        foreach (var segment in Segments)
        {
            text.Append('"');
            foreach (var character in segment)
            {
                text.Append(character switch
                {
                    '"' => "\\\"",
                    '\\' => @"\\",
                    '\r' => "\\r",
                    '\n' => "\\n",
                    >= ' ' and <= '~' => character.ToString(),
                    _ => $"\\u{((int)character).ToString("x4", CultureInfo.InvariantCulture)}",
                });
            }

            text.Append("\", ");
        }

        text.Append("], Ending.").Append(Ending).Append(')').Append(IsAmbiguous ? " { IsAmbiguous = true }" : "");
        return text.Length <= Shown ? text.ToString() : $"{text.ToString(0, Shown)} … ({text.Length - Shown} characters more)";
    }
}
