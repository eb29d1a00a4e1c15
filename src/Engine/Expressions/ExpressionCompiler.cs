using Sluice.Engine.Definitions;

namespace Sluice.Engine.Expressions;

/// <summary>Turns the text of values into templates, and says what is wrong with them.</summary>
internal sealed class ExpressionCompiler(TimeProvider time)
{
    /// <summary>Compiles a string value: text, one <c>{{ expression }}</c>, or a mixture. Adds a problem for each thing that is wrong.</summary>
    public Template Compile(string text, ExpressionSite site, ICollection<Problem> problems) => throw new NotImplementedException(time.ToString());
}
