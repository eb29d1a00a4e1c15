using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>The location of an expression, for messages: <c>workflow:step.field</c> and a position.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Step">The step's key; null in the trigger.</param>
/// <param name="Path">The path of the field: <c>config.body.id</c>.</param>
/// <param name="At">The start of the string.</param>
internal sealed record ExpressionSite(string Workflow, string? Step, string Path, Position At);

/// <summary>A reference in an expression, and its location.</summary>
internal sealed record ReferenceUse(Reference Reference, ExpressionSite Site);

/// <summary>Thrown if an expression can't be evaluated. The message says where, why, and how to fix it.</summary>
internal sealed class ExpressionException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The path of the expression, as in <see cref="ExpressionSite.Path"/>.</summary>
    public string Path { get; init; } = "";

    /// <summary>
    /// Whether the evaluation exceeded one of the <see cref="ExpressionLimits"/>, which depends on the data that it read.
    /// </summary>
    public bool IsLimit { get; init; }
}
