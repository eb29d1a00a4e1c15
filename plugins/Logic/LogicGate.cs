using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Branches a run by conditions on its data.</summary>
[Node("logic_gate", Name = "Logic gate", Category = "Logic",
    Summary = "Tests conditions and leaves through `true` or `false`. It never fails because of data: a field of the wrong type does not match.")]
[Port("true", "The conditions hold.")]
[Port("false", "The conditions do not hold.")]
public sealed class LogicGate() : PureNode<LogicGateConfig, LogicGateOutput>(LogicGateJson.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        new("Compare a signature", new([new(Any("\"5f3a\""), Operator.Equals, Any("\"5f3a\""))])) { Output = new(true, [0]), Port = "true" },
        new(
            "At least one of two conditions",
            new(
                [new(Any("250"), Operator.GreaterThan, Any("1000")), new(Any("\"VIP\""), Operator.Equals, Any("\"vip\""), CaseSensitive: false)],
                Combine.Or))
        {
            Output = new(true, [1]),
            Port = "true",
        },
        new("All conditions", new([new(Any("\"a@b.example\""), Operator.Matches, Any("\"^[^@]+@[^@]+$\"")), new(Null, Operator.Exists)]))
        {
            Output = new(false, [0]),
            Port = "false",
        },
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(LogicGateConfig config)
    {
        if (config.Conditions.Count == 0)
        {
            return [new("conditions", "The list is empty. Add at least one condition.")];
        }

        List<ConfigProblem>? problems = null;
        for (var index = 0; index < config.Conditions.Count; index++)
        {
            var condition = config.Conditions[index];
            var takes = Operators.All[condition.Operator].Takes;
            var fits = takes == Operand.None ? condition.Value is null : takes.Fits(condition.Value ?? Null);
            if (!fits)
            {
                var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(condition.Operator.ToString());
                (problems ??= []).Add(new($"conditions[{index}].value", $"`{name}` {takes.Rule}."));
            }
        }

        return problems ?? (IReadOnlyList<ConfigProblem>)[];
    }

    /// <inheritdoc/>
    protected override NodeResult<LogicGateOutput> Run(LogicGateConfig config, CancellationToken cancellationToken)
    {
        var matched = new List<int>(config.Conditions.Count);
        for (var index = 0; index < config.Conditions.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (Holds(config.Conditions[index]))
                {
                    matched.Add(index);
                }
            }
            catch (RegexMatchTimeoutException)
            {
                return new NodeFailure(
                    FailureKind.Timeout,
                    $"conditions[{index}]: The regular expression took longer than 250 ms on this string. Write it without back-references and look-arounds.");
            }
        }

        var result = config.Combine is Combine.And ? matched.Count == config.Conditions.Count : matched.Count > 0;
        return Through(result ? "true" : "false", new LogicGateOutput(result, matched));
    }

    private static JsonElement Null { get; } = Any("null");

    private static JsonElement Any(string json) => JsonElement.Parse(json);

    private static bool Holds(Condition condition)
    {
        var text = condition.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return Operators.All[condition.Operator].Holds(new Comparison(condition.Field, condition.Value ?? Null, text));
    }
}

/// <summary>The config of <see cref="LogicGate"/>.</summary>
public sealed record LogicGateConfig(
    [Field("One or more conditions. All of them are tested, even if the first one decides.",
        Example = """[{"field":"paid","operator":"equals","value":"paid"}]""")]
    IReadOnlyList<Condition> Conditions,
    [Field("Whether all conditions must hold, or at least one.", Example = "\"or\"")]
    Combine Combine = Combine.And);

/// <summary>How a <see cref="LogicGate"/> combines its conditions.</summary>
public enum Combine
{
    [Field("Every condition must hold.")]
    And,
    [Field("At least one condition must hold.")]
    Or,
}

/// <summary>One condition of a <see cref="LogicGate"/>.</summary>
public sealed record Condition(
    [Field("The value to test: any JSON, usually an expression. A path that does not exist is null.", Example = "250")]
    JsonElement Field,
    [Field("The test.", Example = "\"greater_than\"")]
    Operator Operator,
    [Field("The value to compare with. Required, except for `exists`, `not_exists` and operators that begin with `is_`, which take none.",
        Example = "1000")]
    JsonElement? Value = null,
    [Field("Whether comparisons of strings are case-sensitive.", Example = "false")]
    bool CaseSensitive = true);

/// <summary>The operators of a <see cref="Condition"/>; implemented in <see cref="Operators"/>.</summary>
public enum Operator
{
    [Field("Both are equal. Strings are compared in constant time, numbers by value, lists and objects item by item.")]
    Equals,
    [Field("The opposite of `equals`.")]
    NotEquals,
    [Field("The string contains this string, or the list contains this item.")]
    Contains,
    [Field("The opposite of `contains`.")]
    NotContains,
    [Field("The string starts with this string.")]
    StartsWith,
    [Field("The opposite of `starts_with`.")]
    NotStartsWith,
    [Field("The string ends with this string.")]
    EndsWith,
    [Field("The opposite of `ends_with`.")]
    NotEndsWith,
    [Field("The string contains a match of this .NET regular expression. Use `^` and `$` to match all of it. Stops after 250 ms.")]
    Matches,
    [Field("The opposite of `matches`.")]
    NotMatches,
    [Field("The string has exactly this many UTF-16 characters, or the list this many items.")]
    LengthEquals,
    [Field("The string has more characters than this, or the list more items.")]
    LongerThan,
    [Field("The string has fewer characters than this, or the list fewer items.")]
    ShorterThan,
    [Field("The number is greater.")]
    GreaterThan,
    [Field("The number is greater or equal.")]
    GreaterOrEqual,
    [Field("The number is less.")]
    LessThan,
    [Field("The number is less or equal.")]
    LessOrEqual,
    [Field("The number is in the range [minimum, maximum], inclusive.")]
    Between,
    [Field("The opposite of `between`.")]
    NotBetween,
    [Field("True, or the string `true`.")]
    IsTrue,
    [Field("False, or the string `false`.")]
    IsFalse,
    [Field("The field exists and is not null.")]
    Exists,
    [Field("The field is missing or null.")]
    NotExists,
    [Field("The field is missing, null, a string of white space, an empty list or an empty object.")]
    IsEmpty,
    [Field("The opposite of `is_empty`.")]
    IsNotEmpty,
    [Field("The field is a string.")]
    IsText,
    [Field("The field is a number. A string with digits is a string.")]
    IsNumber,
    [Field("The field is true or false. The strings `true` and `false` are strings.")]
    IsBoolean,
    [Field("The field is a list.")]
    IsList,
    [Field("The field is an object.")]
    IsObject,
    [Field("The field equals one of the items of this list.")]
    In,
    [Field("The opposite of `in`.")]
    NotIn,
    [Field("The list contains at least one item of this list.")]
    ContainsAny,
    [Field("The list contains every item of this list.")]
    ContainsAll,
    [Field("The opposite of `contains_any`.")]
    ContainsNone,
    [Field("The time is earlier. A time is ISO 8601 (UTC without an offset, midnight without a time) or a number of seconds since 1970.")]
    Before,
    [Field("The time is later. Times as in `before`.")]
    After,
    [Field("The time is in the range [from, to], inclusive. Times as in `before`.")]
    DateBetween,
}

/// <summary>The output of <see cref="LogicGate"/>.</summary>
public sealed record LogicGateOutput(
    [Field("Whether the conditions hold.")] bool Result,
    [Field("The indexes of the conditions that held, in order.", Example = "[0,2]")] IReadOnlyList<int> MatchedConditions);

[JsonSerializable(typeof(LogicGateConfig))]
[JsonSerializable(typeof(LogicGateOutput))]
internal sealed partial class LogicGateJson : JsonSerializerContext;
