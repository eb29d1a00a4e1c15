using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Sends the run one of two ways, by conditions.</summary>
[Node("logic_gate", Name = "Logic gate", Category = "Logic", Effect = Effect.None,
    Summary = "Tests conditions and leaves through `true` or `false`. It never fails because of data: a field of the wrong type does not match.")]
[Port("true", "The conditions hold.")]
[Port("false", "The conditions do not hold.")]
[NodeExample("Compare a signature", """{"conditions":[{"field":"5f3a","operator":"equals","value":"5f3a"}]}""",
    Output = """{"result":true,"matched_conditions":[0]}""", Port = "true")]
[NodeExample("At least one of two conditions",
    """{"combine":"or","conditions":[{"field":250,"operator":"greater_than","value":1000},{"field":"VIP","operator":"equals","value":"vip","case_sensitive":false}]}""",
    Output = """{"result":true,"matched_conditions":[1]}""", Port = "true")]
[NodeExample("All conditions", """{"conditions":[{"field":"a@b.example","operator":"matches","value":"^[^@]+@[^@]+$"},{"field":null,"operator":"exists"}]}""",
    Output = """{"result":false,"matched_conditions":[0]}""", Port = "false")]
public sealed class LogicGate() : Node<LogicGateConfig, LogicGateOutput>(Json.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(LogicGateConfig config)
    {
        if (config.Conditions.Count == 0)
        {
            return [new("conditions", "A gate needs at least one condition.")];
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
    protected override ValueTask<NodeResult<LogicGateOutput>> RunAsync(LogicGateConfig config, NodeContext context, CancellationToken cancellationToken)
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
                return Failed($"conditions[{index}]: The pattern took longer than 250 ms on this text; write it without back-references and look-arounds.");
            }
        }

        var result = config.Combine is Combine.And ? matched.Count == config.Conditions.Count : matched.Count > 0;
        return ValueTask.FromResult(Through(result ? "true" : "false", new LogicGateOutput(result, matched)));
    }

    private static JsonElement Null { get; } = JsonElement.Parse("null");

    private static bool Holds(Condition condition)
    {
        var text = condition.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return Operators.All[condition.Operator].Holds(new Comparison(condition.Field, condition.Value ?? Null, text));
    }

    private static ValueTask<NodeResult<LogicGateOutput>> Failed(string message) =>
        ValueTask.FromResult<NodeResult<LogicGateOutput>>(new NodeFailure(FailureKind.Timeout, message));
}

/// <summary>How the conditions of a gate are combined.</summary>
public enum Combine
{
    /// <summary>Every condition must hold.</summary>
    [Field("Every condition must hold.")]
    And,

    /// <summary>At least one condition must hold.</summary>
    [Field("At least one condition must hold.")]
    Or,
}

/// <summary>The config of <see cref="LogicGate"/>.</summary>
public sealed record LogicGateConfig(
    [Field("One or more conditions. All of them are tested, even if the first one decides.",
        Example = """[{"field":"paid","operator":"equals","value":"paid"}]""")]
    IReadOnlyList<Condition> Conditions,
    [Field("Whether all conditions must hold, or at least one.", Example = "\"or\"")]
    Combine Combine = Combine.And);

/// <summary>One condition of a gate.</summary>
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

/// <summary>The output of <see cref="LogicGate"/>.</summary>
public sealed record LogicGateOutput(
    [Field("Whether the conditions hold.")] bool Result,
    [Field("The indexes of the conditions that held, in order.", Example = "[0,2]")] IReadOnlyList<int> MatchedConditions);
