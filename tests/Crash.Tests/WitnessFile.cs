using System.Globalization;

namespace Sluice.Crash.Tests;

/// <summary>What the node <c>witness</c> wrote down, over all the hosts that ran it.</summary>
internal sealed class WitnessFile(string path)
{
    public string Path => path;

    /// <summary>Its lines so far, in the order they were written.</summary>
    public IReadOnlyList<WitnessLine> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(WitnessLine.Parse)];
    }

    /// <summary>Completes when there is a line like that.</summary>
    public async Task WhenAsync(Func<WitnessLine, bool> isWanted, HostProcess host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!Read().Any(isWanted))
        {
            Assert.False(patience.IsCancellationRequested, $"The witness never saw it.\n{host.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }
}

/// <summary>One line: a call of a step began, or ended.</summary>
internal sealed record WitnessLine(bool Begins, string Run, string Step, string IdempotencyKey, int Attempt, int Note)
{
    public static WitnessLine Parse(string line)
    {
        var words = line.Split(' ');
        return new(
            words[0] == "begin", words[1], words[2], words[3], int.Parse(words[4], CultureInfo.InvariantCulture), int.Parse(words[5], CultureInfo.InvariantCulture));
    }
}
