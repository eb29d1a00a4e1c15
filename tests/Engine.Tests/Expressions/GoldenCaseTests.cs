using System.Text.Json.Nodes;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Tests.Expressions;

/// <summary>Walks tests/cases/expressions: one file a case, see the README there.</summary>
public sealed class GoldenCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "expressions");

    public static TheoryData<string> Cases() => [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_what_its_file_says(string name)
    {
        var sections = Sections(File.ReadAllLines(Path.Combine(Folder, name + ".txt")));
        var (template, problems) = Compiled.Compile(sections["expression"]);
        var given = sections.GetValueOrDefault("given", "{}");
        if (sections.TryGetValue("refused", out var refusal))
        {
            Assert.Equal(refusal.Split('\n'), problems.Select(problem => $"{problem.Rule} at {problem.At!.Value.Line}:{problem.At.Value.Column}: {problem.Message}"));
            return;
        }

        Assert.Empty(problems);
        if (sections.TryGetValue("error", out var error))
        {
            var exception = Assert.Throws<ExpressionException>(() => Compiled.Write(writer => template.WriteTo(writer, new JsonScope(given))));
            Assert.Equal(error, exception.Message);
            return;
        }

        var value = Compiled.Write(writer => template.WriteTo(writer, new JsonScope(given)));
        Assert.True(Same(sections["gives"], value), $"expected {sections["gives"]}, got {value}");
    }

    [Fact]
    public void There_are_at_least_sixty_cases() => Assert.True(Cases().Count >= 60);

    /// <summary>The same JSON; whole numbers digit for digit.</summary>
    private static bool Same(string expected, string actual) => JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual));

    private static Dictionary<string, string> Sections(string[] lines)
    {
        var sections = new Dictionary<string, List<string>>();
        List<string>? current = null;
        foreach (var line in lines.Where(line => !line.StartsWith('#')))
        {
            if (line is "expression:" or "given:" or "gives:" or "error:" or "refused:")
            {
                sections[line.TrimEnd(':')] = current = [];
            }
            else
            {
                current?.Add(line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line);
            }
        }

        return sections.ToDictionary(section => section.Key, section => string.Join('\n', section.Value).Trim('\n'));
    }
}
