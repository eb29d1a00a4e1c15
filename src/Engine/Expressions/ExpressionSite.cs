using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>Where an expression stands, for messages: <c>workflow:step.field</c> and a place in the text.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Step">The step's key; null in the trigger.</param>
/// <param name="Path">The field: <c>config.body.id</c>.</param>
/// <param name="At">Where the string begins.</param>
internal sealed record ExpressionSite(string Workflow, string? Step, string Path, Position At);

/// <summary>A reference that an expression makes, and where.</summary>
internal sealed record ReferenceUse(Reference Reference, ExpressionSite Site);

/// <summary>An expression that could not be evaluated: the message says where, why, and what would do.</summary>
internal sealed class ExpressionException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The place of the expression, as in <see cref="ExpressionSite.Path"/>.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether it hit a limit of <see cref="ExpressionLimits"/>, which depends on the data that it read.</summary>
    public bool IsLimit { get; init; }
}
