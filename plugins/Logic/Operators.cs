using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Plugins.Logic;

/// <summary>The operands of one comparison: a field of the data, and the value of the condition.</summary>
internal readonly record struct Comparison(JsonElement Field, JsonElement Value, StringComparison Text);

/// <summary>The implementation of one operator: the value that it takes, and its test.</summary>
internal sealed record OperatorRow(Operator Operator, Operand Takes, Func<Comparison, bool> Holds);

/// <summary>
/// The implementations of all operators. Data never makes a gate fail: a field of the wrong type does not match. Each <c>not_</c> operator is
/// exactly the opposite of the plain one.
/// </summary>
internal static class Operators
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(250);

    public static FrozenDictionary<Operator, OperatorRow> All { get; } = Rows().ToFrozenDictionary(row => row.Operator);

    private static IEnumerable<OperatorRow> Rows() =>
    [
        new(Operator.Equals, Operand.Any, Same),
        new(Operator.NotEquals, Operand.Any, c => !Same(c)),

        new(Operator.Contains, Operand.Any, Contains),
        new(Operator.NotContains, Operand.Any, c => !Contains(c)),
        new(Operator.StartsWith, Operand.Text, StartsWith),
        new(Operator.NotStartsWith, Operand.Text, c => !StartsWith(c)),
        new(Operator.EndsWith, Operand.Text, EndsWith),
        new(Operator.NotEndsWith, Operand.Text, c => !EndsWith(c)),
        new(Operator.Matches, Operand.Pattern, Matches),
        new(Operator.NotMatches, Operand.Pattern, c => !Matches(c)),
        new(Operator.LengthEquals, Operand.Number, c => Reading.Length(c.Field) is { } length && Reading.Compare(length, c.Value) == 0),
        new(Operator.LongerThan, Operand.Number, c => Reading.Length(c.Field) is { } length && Reading.Compare(length, c.Value) > 0),
        new(Operator.ShorterThan, Operand.Number, c => Reading.Length(c.Field) is { } length && Reading.Compare(length, c.Value) < 0),

        new(Operator.GreaterThan, Operand.Number, c => Reading.Compare(c.Field, c.Value) > 0),
        new(Operator.GreaterOrEqual, Operand.Number, c => Reading.Compare(c.Field, c.Value) >= 0),
        new(Operator.LessThan, Operand.Number, c => Reading.Compare(c.Field, c.Value) < 0),
        new(Operator.LessOrEqual, Operand.Number, c => Reading.Compare(c.Field, c.Value) <= 0),
        new(Operator.Between, Operand.TwoNumbers, Between),
        new(Operator.NotBetween, Operand.TwoNumbers, c => !Between(c)),

        new(Operator.IsTrue, Operand.None, c => Reading.Boolean(c.Field) is true),
        new(Operator.IsFalse, Operand.None, c => Reading.Boolean(c.Field) is false),

        new(Operator.Exists, Operand.None, c => !Missing(c.Field)),
        new(Operator.NotExists, Operand.None, c => Missing(c.Field)),
        new(Operator.IsEmpty, Operand.None, c => Empty(c.Field)),
        new(Operator.IsNotEmpty, Operand.None, c => !Empty(c.Field)),
        new(Operator.IsText, Operand.None, c => c.Field.ValueKind is JsonValueKind.String),
        new(Operator.IsNumber, Operand.None, c => c.Field.ValueKind is JsonValueKind.Number),
        new(Operator.IsBoolean, Operand.None, c => c.Field.ValueKind is JsonValueKind.True or JsonValueKind.False),
        new(Operator.IsList, Operand.None, c => c.Field.ValueKind is JsonValueKind.Array),
        new(Operator.IsObject, Operand.None, c => c.Field.ValueKind is JsonValueKind.Object),

        new(Operator.In, Operand.List, In),
        new(Operator.NotIn, Operand.List, c => !In(c)),
        new(Operator.ContainsAny, Operand.List, ContainsAny),
        new(Operator.ContainsAll, Operand.List, c => IsList(c.Field) && c.Value.EnumerateArray().All(item => Holds(c.Field, item, c.Text))),
        new(Operator.ContainsNone, Operand.List, c => !ContainsAny(c)),

        new(Operator.Before, Operand.Date, c => Reading.Date(c.Field) < Reading.Date(c.Value)),
        new(Operator.After, Operand.Date, c => Reading.Date(c.Field) > Reading.Date(c.Value)),
        new(Operator.DateBetween, Operand.TwoDates, c => Reading.Date(c.Field) >= Reading.Date(c.Value[0]) && Reading.Date(c.Field) <= Reading.Date(c.Value[1])),
    ];

    /// <summary>Matches in linear time if the syntax of the pattern allows it, otherwise for at most 250 ms.</summary>
    /// <exception cref="ArgumentException">The pattern is not a regular expression.</exception>
    /// <exception cref="RegexMatchTimeoutException">The match took longer than 250 ms.</exception>
    public static bool IsMatch(string text, string pattern, bool ignoreCase)
    {
        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return Regex.IsMatch(text, pattern, options | RegexOptions.NonBacktracking, PatternTimeout);
        }
        catch (NotSupportedException)
        {
            return Regex.IsMatch(text, pattern, options, PatternTimeout);
        }
    }

    private static bool Same(Comparison c) => Reading.Same(c.Field, c.Value, c.Text);

    private static bool Contains(Comparison c) => IsList(c.Field)
        ? Holds(c.Field, c.Value, c.Text)
        : Reading.Text(c.Field) is { } text && Reading.Text(c.Value) is { } part && text.Contains(part, c.Text);

    private static bool StartsWith(Comparison c) => Reading.Text(c.Field)?.StartsWith(Reading.Text(c.Value)!, c.Text) ?? false;

    private static bool EndsWith(Comparison c) => Reading.Text(c.Field)?.EndsWith(Reading.Text(c.Value)!, c.Text) ?? false;

    private static bool Matches(Comparison c) =>
        Reading.Text(c.Field) is { } text && IsMatch(text, c.Value.GetString()!, c.Text is StringComparison.OrdinalIgnoreCase);

    private static bool Between(Comparison c) => Reading.Compare(c.Field, c.Value[0]) >= 0 && Reading.Compare(c.Field, c.Value[1]) <= 0;

    private static bool In(Comparison c) => Holds(c.Value, c.Field, c.Text);

    private static bool ContainsAny(Comparison c) => IsList(c.Field) && c.Value.EnumerateArray().Any(item => Holds(c.Field, item, c.Text));

    private static bool Holds(JsonElement list, JsonElement item, StringComparison text) =>
        list.EnumerateArray().Any(one => Reading.Same(one, item, text));

    private static bool IsList(JsonElement value) => value.ValueKind is JsonValueKind.Array;

    private static bool Missing(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    private static bool Empty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => Missing(value),
    };
}

/// <summary>What an operator takes as its <c>value</c>: the rule as part of a message, and its test.</summary>
internal sealed record Operand(string Rule, Func<JsonElement, bool> Fits)
{
    public static Operand None { get; } = new("takes no `value`. Remove it", _ => false);

    public static Operand Any { get; } =
        new("needs a `value` that is not null. To test whether a field is missing, use `not_exists`", value => value.ValueKind is not JsonValueKind.Null);

    public static Operand Text { get; } = new("needs a string, a number or a boolean as its `value`", value => Reading.Text(value) is not null);

    public static Operand Number { get; } = new("needs a number, or a string that is a number, as its `value`", value => Reading.Number(value) is not null);

    public static Operand TwoNumbers { get; } =
        new("needs a list of two numbers as its `value`: [minimum, maximum]", value => Two(value, Number));

    public static Operand List { get; } = new("needs a list as its `value`", value => value.ValueKind is JsonValueKind.Array);

    public static Operand Date { get; } =
        new("needs a time as its `value`: an ISO 8601 string or a number of seconds since 1970", value => Reading.Date(value) is not null);

    public static Operand TwoDates { get; } = new("needs a list of two times as its `value`: [from, to]", value => Two(value, Date));

    public static Operand Pattern { get; } = new("needs a regular expression as its `value`", IsPattern);

    private static bool Two(JsonElement value, Operand each) =>
        value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 2 && value.EnumerateArray().All(each.Fits);

    private static bool IsPattern(JsonElement value)
    {
        try
        {
            return value.ValueKind is JsonValueKind.String && Operators.IsMatch("", value.GetString()!, ignoreCase: false) is var _;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
