using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Checking;

/// <summary>A file of tests/cases/workflows; its README says what is in it.</summary>
internal static class WorkflowCase
{
    /// <summary>The secrets that exist in every case.</summary>
    public static string[] Secrets { get; } = ["api_key", "orders_db"];

    /// <summary>Whether a case is about the schemes of authentication or their delivery keys, which the host brings.</summary>
    public static bool IsOfSchemes(string name) =>
        name.StartsWith("trigger-auth-", StringComparison.Ordinal) || name.StartsWith("trigger-idempotency-", StringComparison.Ordinal);

    public static (string Workflow, string Problems) Read(string file)
    {
        const string heading = "\nproblems:\n";
        var start = file.IndexOf("workflow:\n", StringComparison.Ordinal) + "workflow:\n".Length;
        var end = file.IndexOf(heading, StringComparison.Ordinal);
        return (Outdent(file[start..end]), Outdent(file[(end + heading.Length)..]).TrimEnd());
    }

    public static string Write(IEnumerable<Problem> problems) => string.Join('\n', problems.Select(problem =>
    {
        var place = string.Join(' ', new[] { problem.Step, problem.Path }.Where(part => part is not null));
        return $"{problem.At?.Line}:{problem.At?.Column} {problem.Rule}{(place.Length == 0 ? "" : $" ({place})")}: {problem.Message}";
    }).DefaultIfEmpty("none"));

    private static string Outdent(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line));
}
