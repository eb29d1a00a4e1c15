using System.Text.RegularExpressions;

namespace Sluice.Plugins.Logic.Tests;

/// <summary>One line of a table in <c>tests/cases/logic_gate</c>.</summary>
internal sealed partial record OperatorCase(string Where, string Field, string Operator, string? Value, bool CaseSensitive, string Expected)
{
    public static IEnumerable<OperatorCase> All() =>
        from file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "cases", "logic_gate"), "*.txt").Order(StringComparer.Ordinal)
        from line in File.ReadLines(file).Index()
        where line.Item.Length > 0 && !line.Item.StartsWith('#')
        select Read($"{Path.GetFileName(file)}:{line.Index + 1}", Columns().Split(line.Item.Trim()));

    public string Config() =>
        $$"""{"conditions":[{"field":{{Field}},"operator":"{{Operator}}"{{(Value is null ? "" : $",\"value\":{Value}")}},"case_sensitive":{{(CaseSensitive ? "true" : "false")}}}]}""";

    private static OperatorCase Read(string where, string[] columns) => columns switch
    {
        [var field, var name, var expected] => new(where, field, name, null, true, expected),
        [var field, var name, var value, var expected] => new(where, field, name, value, true, expected),
        [var field, var name, var value, "ignoring case", var expected] => new(where, field, name, value, false, expected),
        _ => throw new FormatException($"{where}: a line has three, four or five columns, two spaces apart; this has {columns.Length}."),
    };

    [GeneratedRegex(" {2,}")]
    private static partial Regex Columns();
}
