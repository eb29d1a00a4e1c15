using Acornima.Ast;
using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>Calls of the allowed functions and methods, with arrow functions as arguments.</summary>
internal sealed partial class ScriptWriter
{
    private void WriteCall(CallExpression call)
    {
        switch (call.Callee)
        {
            case Identifier name when IsParameter(name.Name):
                findings.Refuse(call, $"'{name.Name}' is a value; only functions and methods can be called.");
                break;
            case Identifier name:
                WriteFunction(call, name.Name);
                break;
            case MemberExpression { Computed: false, Object: Identifier space, Property: Identifier name }
                when ExpressionFunctions.Namespaces.Contains(space.Name) && !IsParameter(space.Name):
                WriteFunction(call, $"{space.Name}.{name.Name}");
                break;
            case MemberExpression { Computed: false, Property: Identifier name } member:
                WriteMethod(call, member, ReferenceReader.NameOf(name, findings.Source));
                break;
            default:
                findings.Refuse(call, "Only a function or a method that is named can be called: value.name(…).");
                break;
        }
    }

    private void WriteFunction(CallExpression call, string name)
    {
        if (FunctionOf(call, name, findings) is null)
        {
            return;
        }

        _script.Append(ScriptText.Function).Append('(').Append(call.Start).Append(", ");
        WriteQuoted(name);
        WriteArguments(call, null);
    }

    /// <summary>Returns the function of a call; null, with a problem, if the name is unknown or the number of arguments is wrong.</summary>
    public static ExpressionFunction? FunctionOf(CallExpression call, string name, ExpressionFindings findings)
    {
        if (ExpressionFunctions.Find(name) is not { } function)
        {
            findings.Problems.Add(findings.Source.Problem(ExpressionRules.UnknownFunction, UnknownFunction(name), call.Start));
            return null;
        }

        var count = call.Arguments.Count;
        if (call.Arguments.All(argument => argument is not SpreadElement) && (count < function.Least || count > function.Most))
        {
            findings.Refuse(call, $"{name} takes other arguments than these {count}: {name}{function.Signature}.");
            return null;
        }

        return function;
    }

    private static string UnknownFunction(string name)
    {
        var cure = name switch
        {
            "Date.now" or "Date" => " Use now() and the date_… functions.",
            "JSON.parse" => " Use json(text).",
            "JSON.stringify" => " Use to_json(value).",
            _ => DidYouMean.Hint(name, ExpressionFunctions.All.Select(function => function.Name)),
        };
        return $"There is no function '{name}'.{(cure.Length > 0 ? cure : " docs/reference/expressions.md lists them all.")}";
    }

    private static string UnknownMethod(string name)
    {
        var cure = name switch
        {
            "sort" => " Lists don't change; use toSorted(…).",
            "reverse" => " Lists don't change; use toReversed().",
            "push" or "unshift" => " Lists don't change; write [...list, item].",
            "forEach" => " Use map(…).",
            _ => DidYouMean.Hint(name, Methods.Names),
        };
        return $"There is no method '{name}'.{(cure.Length > 0 ? cure : " docs/reference/expressions.md lists them all.")}";
    }

    private void WriteMethod(CallExpression call, MemberExpression member, string name)
    {
        if (!Methods.Names.Contains(name))
        {
            findings.Problems.Add(findings.Source.Problem(
                ExpressionRules.UnknownFunction,
                member.Object is Identifier { Name: "JSON" or "Date" } space ? UnknownFunction($"{space.Name}.{name}") : UnknownMethod(name),
                member.Property.Start));
            return;
        }

        _script.Append(ScriptText.Method).Append('(').Append(call.Start).Append(", ");
        WriteQuoted(name);
        _script.Append(IsOptional(member) || call.Optional ? ", true, " : ", false, ");
        if (member.Object is RegExpLiteral regex && name == "test")
        {
            WriteRegex(regex, "");
        }
        else
        {
            Write(member.Object);
        }

        WriteArguments(call, name);
    }

    /// <summary>Whether the chain up to a member contains <c>?.</c>: from there on, a call on null returns null.</summary>
    private static bool IsOptional(Node? node) => node switch
    {
        MemberExpression member => member.Optional || IsOptional(member.Object),
        CallExpression call => call.Optional || IsOptional(call.Callee),
        _ => false,
    };

    /// <summary>Writes the arguments and the closing parenthesis of a call.</summary>
    private void WriteArguments(CallExpression call, string? method)
    {
        foreach (var argument in call.Arguments)
        {
            _script.Append(", ");
            switch (argument)
            {
                case ArrowFunctionExpression arrow when method is not null && Methods.TakeFunction.Contains(method):
                    WriteArrow(arrow);
                    break;
                case RegExpLiteral regex when method is not null && Methods.TakeRegex.Contains(method):
                    WriteRegex(regex, method == "split" ? "g" : "");
                    break;
                default:
                    WriteItem(argument);
                    break;
            }
        }

        _script.Append(')');
    }

    private void WriteArrow(ArrowFunctionExpression arrow)
    {
        if (arrow.Async || arrow.Body is not Acornima.Ast.Expression body)
        {
            findings.Refuse(arrow, "The body of an arrow function is one expression: item => item.id.");
            return;
        }

        var count = 0;
        _script.Append("((");
        foreach (var parameter in arrow.Params)
        {
            if (parameter is Identifier name && !name.Name.StartsWith('$'))
            {
                _script.Append(count > 0 ? ", " : "").Append(name.Name);
                _parameters.Push(name.Name);
                count++;
            }
            else
            {
                findings.Refuse(parameter, "A parameter of an arrow function is a simple name that does not begin with $.");
            }
        }

        WriteParts(") => (", body, "))");
        for (; count > 0; count--)
        {
            _parameters.Pop();
        }
    }

    private void WriteRegex(RegExpLiteral regex, string flag)
    {
        var flags = regex.RegExp.Flags;
        if (flags.Any(found => !"gimsu".Contains(found, StringComparison.Ordinal)))
        {
            findings.Refuse(regex, "A regular expression may have the flags g, i, m, s and u.");
        }

        _script.Append('/').Append(regex.RegExp.Pattern).Append('/').Append(flags);
        if (flag.Length > 0 && !flags.Contains(flag, StringComparison.Ordinal))
        {
            _script.Append(flag);
        }
    }
}
