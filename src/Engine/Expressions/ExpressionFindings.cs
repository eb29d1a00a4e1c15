using Acornima.Ast;
using Sluice.Engine.Expressions.Scalars;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>Collects what compiling one expression finds: references, secrets and problems.</summary>
internal sealed class ExpressionFindings(ExpressionSource source)
{
    public ExpressionSource Source { get; } = source;

    public List<ReferenceUse> References { get; } = [];

    public List<string> Secrets { get; } = [];

    public List<Problem> Problems { get; } = [];

    public void Refuse(Node node, string message) => Problems.Add(Source.Problem(ExpressionRules.NotAllowed, message, node.Start));

    /// <summary>Records a reference and returns the expression that reads it at run time; null if the reference is rejected.</summary>
    public Expression? Use(Reference reference, Node node)
    {
        if (reference.Root == "secrets")
        {
            return UseSecret(reference, node);
        }

        if (reference.Parts.Select(part => part.Name).Prepend(reference.Root).FirstOrDefault(ForbiddenNames.Contains) is { } name)
        {
            Refuse(node, ForbiddenNames.Message(name));
            return null;
        }

        if (reference.Parts.FirstOrDefault(part => part.Name?.StartsWith("length-", StringComparison.Ordinal) == true).Name is { } glued)
        {
            Refuse(node, $"After a dot, '{glued}' is one name with a hyphen in it. A subtraction has spaces: 'length - {glued["length-".Length..]}'.");
            return null;
        }

        References.Add(new ReferenceUse(ReferencePath.Checkable(reference), Source.SiteAt(node.Start)));
        return new PlainReference(new ReferencePath(reference), node.Start, Source);
    }

    private SecretReference? UseSecret(Reference reference, Node node)
    {
        if (reference.Parts is not [{ Name: { } name }])
        {
            Refuse(node, "A secret is read by its name and nothing after it: secrets.NAME.");
            return null;
        }

        Secrets.Add(name);
        return new SecretReference(name, node.Start, Source);
    }
}

/// <summary>The names that could give access to JavaScript's internals; no expression may contain them.</summary>
internal static class ForbiddenNames
{
    public static bool Contains(string? name) => name is "constructor" or "prototype" or "__proto__";

    public static string Message(string name) =>
        $"The name '{name}' is not allowed in an expression, because JavaScript gives it a meaning of its own.";
}
