using System.Text.Json;

namespace Sluice.Plugins.Logic;

/// <summary>What an operator takes as its <c>value</c>: the rule, in words, and the test of it.</summary>
internal sealed record Operand(string Rule, Func<JsonElement, bool> Fits)
{
    public static Operand None { get; } = new("takes no `value`; remove it", _ => false);

    public static Operand Any { get; } =
        new("needs a `value` that is not null; to ask whether a field is missing use `not_exists`", value => value.ValueKind is not JsonValueKind.Null);

    public static Operand Text { get; } = new("needs a text, a number or a boolean as its `value`", value => Reading.Text(value) is not null);

    public static Operand Number { get; } = new("needs a number as its `value`, or a text that reads as one", value => Reading.Number(value) is not null);

    public static Operand TwoNumbers { get; } = new("needs a list of two numbers as its `value`: [least, greatest]", value => Two(value, Number));

    public static Operand List { get; } = new("needs a list as its `value`", value => value.ValueKind is JsonValueKind.Array);

    public static Operand Date { get; } =
        new("needs a point in time as its `value`: ISO 8601 text or seconds since 1970", value => Reading.Date(value) is not null);

    public static Operand TwoDates { get; } = new("needs a list of two points in time as its `value`: [from, to]", value => Two(value, Date));

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
