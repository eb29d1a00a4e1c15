using Acornima;
using Acornima.Ast;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>The allowed operators, and the messages for the others.</summary>
internal sealed partial class ScriptWriter
{
    private void WriteOperator(Node node)
    {
        switch (node)
        {
            case LogicalExpression logical:
                WriteParts("(", logical.Left, $" {Symbol(logical.Operator)} ", logical.Right, ")");
                break;
            case BinaryExpression { Operator: Operator.Addition } sum:
                WriteParts($"{ScriptText.Add}({sum.Start}, ", sum.Left, ", ", sum.Right, ")");
                break;
            case BinaryExpression { Operator: Operator.In or Operator.InstanceOf } test:
                findings.Refuse(test, "The operators 'in' and 'instanceof' are not allowed. A missing member is null: compare it with null.");
                break;
            case BinaryExpression { Operator: var operation } calculation when Calculates(operation):
                _script.Append('(');
                WriteOperand(calculation.Left);
                _script.Append(' ').Append(Symbol(operation)).Append(' ');
                WriteOperand(calculation.Right);
                _script.Append(')');
                break;
            case BinaryExpression binary:
                WriteParts("(", binary.Left, $" {Symbol(binary.Operator)} ", binary.Right, ")");
                break;
            case UpdateExpression or UnaryExpression { Operator: Operator.Delete or Operator.Void }:
                findings.Refuse(node, "An expression can't change anything: ++, --, delete and void are not allowed.");
                break;
            case UnaryExpression { Operator: Operator.TypeOf } type:
                WriteParts($"{ScriptText.TypeOf}(", type.Argument, ")");
                break;
            case UnaryExpression { Operator: Operator.UnaryPlus or Operator.BitwiseNot } unary:
                _script.Append('(').Append(Symbol(unary.Operator)).Append(' ');
                WriteOperand(unary.Argument);
                _script.Append(')');
                break;
            case UnaryExpression unary:
                WriteParts($"({Symbol(unary.Operator)} ", unary.Argument, ")");
                break;
            default:
                findings.Refuse(node, MessageFor(node));
                break;
        }
    }

    private static bool Calculates(Operator operation) => operation is
        Operator.Subtraction or Operator.Multiplication or Operator.Division or Operator.Remainder or Operator.Exponentiation or
        Operator.BitwiseAnd or Operator.BitwiseOr or Operator.BitwiseXor or Operator.LeftShift or Operator.RightShift or Operator.UnsignedRightShift;

    /// <summary>Writes an operand of an arithmetic operator, with a check if it could be a large integer.</summary>
    private void WriteOperand(Node operand)
    {
        if (operand is NumericLiteral { Value: <= LargeInteger.MaxSafe } || (operand is BinaryExpression { Operator: var inner } && Calculates(inner)))
        {
            Write(operand);
        }
        else
        {
            WriteParts($"{ScriptText.Operand}({operand.Start}, ", operand, ")");
        }
    }

    private static string Symbol(Operator operation) => operation switch
    {
        Operator.LogicalAnd => "&&",
        Operator.LogicalOr => "||",
        Operator.NullishCoalescing => "??",
        Operator.Equality => "==",
        Operator.Inequality => "!=",
        Operator.StrictEquality => "===",
        Operator.StrictInequality => "!==",
        Operator.LessThan => "<",
        Operator.LessThanOrEqual => "<=",
        Operator.GreaterThan => ">",
        Operator.GreaterThanOrEqual => ">=",
        Operator.Subtraction => "-",
        Operator.Multiplication => "*",
        Operator.Division => "/",
        Operator.Remainder => "%",
        Operator.Exponentiation => "**",
        Operator.BitwiseAnd => "&",
        Operator.BitwiseOr => "|",
        Operator.BitwiseXor => "^",
        Operator.LeftShift => "<<",
        Operator.RightShift => ">>",
        Operator.UnsignedRightShift => ">>>",
        Operator.UnaryPlus => "+",
        Operator.UnaryNegation => "-",
        Operator.LogicalNot => "!",
        Operator.BitwiseNot => "~",
        Operator.TypeOf => "typeof",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "An operator without a symbol."),
    };

    private static string MessageFor(Node node) => node switch
    {
        AssignmentExpression => "An expression can't assign; it only gives a value. Compare with === instead of =.",
        SequenceExpression => "One pair of braces holds one expression; the comma operator is not allowed.",
        NewExpression => "'new' is not allowed. For dates there are now(), date_add(…) and date_format(…).",
        ThisExpression => "'this' is not allowed; name the root: trigger, run, secrets, or a step's key.",
        TaggedTemplateExpression => "Tagged templates are not allowed; call a function instead.",
        ArrowFunctionExpression => "An arrow function may only stand as the argument of a method: list.map(item => item.id).",
        FunctionExpression or ClassExpression => "Functions and classes are not allowed; write an arrow function: item => item.id.",
        AwaitExpression or YieldExpression or ImportExpression or MetaProperty => "An expression only computes: await, yield and import are not allowed.",
        SpreadElement => "A spread may only stand in a list, in an object or among arguments.",
        _ => $"'{node.TypeText}' is not allowed in an expression; docs/reference/expressions.md lists what is.",
    };
}
