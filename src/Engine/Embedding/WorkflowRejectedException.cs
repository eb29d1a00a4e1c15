namespace Sluice.Engine.Embedding;

/// <summary>A workflow is invalid and was not published. The message lists every problem, one per line.</summary>
public sealed class WorkflowRejectedException : Exception
{
    internal WorkflowRejectedException(IReadOnlyList<WorkflowProblem> problems)
        : base($"The workflow is invalid:{Environment.NewLine}{string.Join(Environment.NewLine, problems.Select(problem => $"  {problem}"))}") => Problems = problems;

    /// <summary>All problems of the workflow.</summary>
    public IReadOnlyList<WorkflowProblem> Problems { get; }
}

/// <summary>One problem of a workflow.</summary>
/// <param name="Rule">The rule that the workflow breaks, such as <c>unknown-node</c>.</param>
/// <param name="Message">What is wrong, and how to fix it.</param>
/// <param name="Line">The line in the text, from 1; null if unknown.</param>
/// <param name="Column">The column in the text, from 1; null if unknown.</param>
public sealed record WorkflowProblem(string Rule, string Message, int? Line, int? Column)
{
    /// <summary>Formats the problem as <c>line:column: rule: message</c>.</summary>
    public override string ToString() => Line is null ? $"{Rule}: {Message}" : $"{Line}:{Column}: {Rule}: {Message}";
}

/// <summary>A run was not started, or could not be stored; it is as if it had never been started. The message says why.</summary>
public sealed class RunRejectedException : Exception
{
    internal RunRejectedException(string message)
        : base(message)
    {
    }
}
