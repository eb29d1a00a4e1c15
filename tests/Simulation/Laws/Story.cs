using System.Text;
using System.Text.RegularExpressions;
using Sluice.Engine.Journal;
using Sluice.Sdk;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation.Laws;

/// <summary>What came of a run, as text: its end, its steps with their outputs in order, what the other side saw of it, and its reply.</summary>
/// <remarks>
/// Two executions of one run have the same story. Times are left out, because they differ by the length of the disturbance; a UUID is replaced by a number,
/// so it matters only where the same one appears again.
/// </remarks>
internal static partial class Story
{
    public static string Of(RunRow row, IReadOnlyList<SeenCall> calls)
    {
        var entries = row.Entries;
        var story = new StringBuilder().AppendLine($"{row.Status}");
        foreach (var step in entries.OfType<JournalEntry.Step>().Where(step => step.Status != StepStatus.Suspended).GroupBy(step => step.Key).Select(ends => ends.Last()))
        {
            // Whether a reply was sent depends on whether the caller was still there.
            var output = step.Type == "reply" ? "(a receipt)" : Encoding.UTF8.GetString(step.Output.Span);
            story.AppendLine($"{step.Key} {step.Status} {step.Port} {output} {step.Error?.Kind} {step.Error?.Message}");
        }

        foreach (var call in calls.Where(call => call.Node.Descriptor.Effect == Effect.External).DistinctBy(call => call.Path))
        {
            story.AppendLine($"{call.Path} was called with {call.Config}");
        }

        if (entries.OfType<JournalEntry.ReplyKept>().Any())
        {
            story.AppendLine($"reply {string.Join(" ", entries.OfType<JournalEntry.Replied>().Select(reply => Encoding.UTF8.GetString(reply.Body.Span)))}");
        }

        var ended = entries.OfType<JournalEntry.Ended>().LastOrDefault();
        return WithNumberedUuids(story.AppendLine($"{ended?.Error?.Kind} {ended?.Error?.Message} {ended?.Message}").ToString());
    }

    /// <summary>A string without its times and UUIDs.</summary>
    public static string WithoutMoments(string text) => Uuid().Replace(Time().Replace(text, "<time>"), "<uuid>");

    /// <summary>The first line in which two stories differ.</summary>
    public static string Difference(string one, string other)
    {
        var (left, right) = (one.Split('\n'), other.Split('\n'));
        var at = left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"'{left.ElementAtOrDefault(at)}' undisturbed, '{right.ElementAtOrDefault(at)}' disturbed";
    }

    private static string WithNumberedUuids(string text)
    {
        var numbers = new Dictionary<string, int>();
        return Uuid().Replace(Time().Replace(text, "<time>"), uuid =>
        {
            numbers.TryAdd(uuid.Value, numbers.Count + 1);
            return $"<uuid {numbers[uuid.Value]}>";
        });
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex Time();
}
