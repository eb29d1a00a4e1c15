using Acornima;
using Acornima.Ast;
using Jint;
using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Expressions.Scalars;
using Sluice.Engine.Expressions.Scripts;

namespace Sluice.Engine.Expressions;

/// <summary>Compiles one expression: parses it, checks it, and picks the cheapest way to evaluate it.</summary>
internal static class ExpressionReader
{
    /// <summary>Returns null if the findings contain a problem.</summary>
    public static Expression? Read(ExpressionSource source, ExpressionFindings findings)
    {
        if (string.IsNullOrWhiteSpace(source.Text))
        {
            findings.Problems.Add(source.Problem(ExpressionRules.Syntax, "There is nothing between {{ and }}. Write an expression, or {{ '{{' }} for the braces themselves.", 0));
            return null;
        }

        if (source.Text.Length > ExpressionLimits.SourceLength)
        {
            findings.Problems.Add(source.Problem(
                ExpressionRules.TooLong,
                $"The expression has {source.Text.Length:N0} characters; at most {ExpressionLimits.SourceLength:N0} are allowed. Split it over several steps.",
                0));
            return null;
        }

        return Parse(source, findings) is { } node ? Compile(node, source, findings) : null;
    }

    private static Acornima.Ast.Expression? Parse(ExpressionSource source, ExpressionFindings findings)
    {
        try
        {
            var comment = -1;
            var options = new ParserOptions { OnComment = (in Comment found) => comment = found.Start };
            var node = new Parser(options).ParseExpression(source.Masked, strict: true);
            if (comment >= 0)
            {
                findings.Problems.Add(source.Problem(ExpressionRules.NotAllowed, "Comments are not allowed inside of braces; write them as YAML comments.", comment));
            }

            return node;
        }
        catch (ParseErrorException exception)
        {
            var offset = exception.Error.IsIndexDefined ? exception.Error.Index : 0;
            findings.Problems.Add(source.Problem(ExpressionRules.Syntax, $"The expression can't be read: {Sentence(exception.Error.Description)} {Cure(source, offset)}", offset));
        }
        catch (InsufficientExecutionStackException)
        {
            findings.Problems.Add(source.Problem(ExpressionRules.NotAllowed, "The expression is nested too deep. Split it over several steps.", 0));
        }

        return null;
    }

    private static Expression? Compile(Node node, ExpressionSource source, ExpressionFindings findings)
    {
        if (ReferenceReader.TryRead(node, source, static _ => false, out var reference) && (!reference.Parts.IsEmpty || ExpressionFunctions.Find(reference.Root) is null))
        {
            return findings.Use(reference, node);
        }

        var writer = new ScriptWriter(findings);
        writer.Write(node);
        if (findings.Problems.Count > 0)
        {
            return null;
        }

        if (Prepare(writer, source, findings) is not { } full)
        {
            return null;
        }

        return new ScalarReader(source).Read(node) switch
        {
            ConstantExpression constant => constant,
            { } scalars => new ScalarExpression(scalars, full),
            null => full,
        };
    }

    private static ScriptExpression? Prepare(ScriptWriter writer, ExpressionSource source, ExpressionFindings findings)
    {
        try
        {
            return new ScriptExpression(Jint.Engine.PrepareScript(writer.Script, source.Name, strict: true), writer.Reads, source);
        }
        catch (ScriptPreparationException exception)
        {
            // The parser accepts it but the engine does not support it: in practice, a regular expression.
            findings.Problems.Add(source.Problem(
                ExpressionRules.NotAllowed, $"The expression can't be prepared: {Sentence(exception.Message)} Write its regular expressions in a simpler way.", 0));
            return null;
        }
    }

    private static string Cure(ExpressionSource source, int offset) =>
        offset >= source.Text.TrimEnd().Length ? "It ends too early." : "Check the syntax at this position.";

    private static string Sentence(string text) => text.TrimEnd('.') + ".";
}
