using System.Globalization;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>Walks tests/cases/walking: one file a case, see the README there.</summary>
public sealed class WalkerCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "walking");

    public static TheoryData<string> Cases() => [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_the_commands_of_its_file(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, name + ".txt")).Where(line => line.Length > 0 && !line.StartsWith('#')).ToList();
        Assert.StartsWith("plan: ", lines[0], StringComparison.Ordinal);
        var walked = new WalkedPlan(PlanText.Read(lines[0]["plan: ".Length..]));
        List<string> given = [lines[0]];

        foreach (var line in lines.Where(line => line.StartsWith("> ", StringComparison.Ordinal)))
        {
            given.Add(line);
            Perform(walked, line[2..]);
            given.AddRange(walked.Lines);
            walked.Lines.Clear();
        }

        Assert.Equal(string.Join('\n', lines), string.Join('\n', given));
    }

    private static void Perform(WalkedPlan walked, string action)
    {
        var (word, rest) = action.Split(' ', 2) is [var first, var second] ? (first, second) : (action, "");
        switch (word)
        {
            case "at":
                walked.Seconds = int.Parse(rest, CultureInfo.InvariantCulture);
                break;
            case "begin":
                walked.Begin();
                break;
            case "retry":
                walked.Journal.Add(new JournalEntry.Retried(WalkedPlan.Start));
                walked.Begin();
                break;
            case "cancel":
                walked.Cancel();
                break;
            case "stop":
                walked.Stop();
                break;
            case "signal":
                walked.Signal(rest);
                break;
            case "wake":
                walked.Wake(rest);
                break;
            default:
                walked.End(word, rest);
                break;
        }
    }
}
