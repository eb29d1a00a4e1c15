using System.Collections.Immutable;
using System.Text;
using Sluice.Engine.Expressions.Scalars;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>Compiles string values to templates, and reports their problems.</summary>
internal static class ExpressionCompiler
{
    /// <summary>Compiles a string value: plain text, one <c>{{ expression }}</c>, or a mixture. Adds every problem it finds.</summary>
    public static Template Compile(string text, ExpressionSite site, ICollection<Problem> problems)
    {
        var parts = ImmutableArray.CreateBuilder<TemplatePart>();
        var references = ImmutableArray.CreateBuilder<ReferenceUse>();
        var secrets = ImmutableArray.CreateBuilder<string>();
        var at = 0;
        while (text.IndexOf(ExpressionMark.Open, at, StringComparison.Ordinal) is >= 0 and var open)
        {
            AddText(parts, text[at..open]);
            var start = open + ExpressionMark.Open.Length;
            var (end, masked) = ExpressionScanner.Scan(text, start);
            if (end < 0)
            {
                problems.Add(new Problem(
                    ExpressionRules.Syntax,
                    "The {{ is never closed by }}. Close it, mind quotes and brackets inside, or write {{ '{{' }} for the braces themselves.",
                    site.Step,
                    site.Path,
                    ExpressionSource.At(text, open, site.At)));
                return new Template([], isWhole: false, [], []);
            }

            var findings = new ExpressionFindings(new ExpressionSource(text, start, text[start..end], masked, site));
            var expression = ExpressionReader.Read(findings.Source, findings);
            foreach (var problem in findings.Problems)
            {
                problems.Add(problem);
            }

            references.AddRange(findings.References);
            secrets.AddRange(findings.Secrets);
            parts.Add(new TemplatePart(default, expression ?? new ConstantExpression(Scalar.Null)));
            at = end + ExpressionMark.Open.Length;
        }

        var isWhole = parts is [{ Expression: not null }] && at == text.Length;
        AddText(parts, text[at..]);
        return new Template(parts.ToImmutable(), isWhole, references.ToImmutable(), [.. secrets.Distinct(StringComparer.Ordinal)]);
    }

    private static void AddText(ImmutableArray<TemplatePart>.Builder parts, string text)
    {
        if (text.Length > 0)
        {
            parts.Add(new TemplatePart(Encoding.UTF8.GetBytes(text), null));
        }
    }
}
