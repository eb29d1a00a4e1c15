using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Acornima;
using Acornima.Ast;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>
/// Checks a parsed expression against an allow list, and writes the script for the engine. The script contains only literals, operators,
/// arrow functions and calls of <see cref="ScriptText"/>, and nothing of the author's source, so nothing else can run.
/// </summary>
internal sealed partial class ScriptWriter(ExpressionFindings findings)
{
    private readonly StringBuilder _script = new();
    private readonly List<Expression> _reads = [];
    private readonly Stack<string> _parameters = new();
    private int _depth;

    /// <summary>The expressions that <c>$read(0)</c>, <c>$read(1)</c>, … read.</summary>
    public ImmutableArray<Expression> Reads => [.. _reads];

    public string Script => _script.ToString();

    public void Write(Node node)
    {
        if (++_depth > ExpressionLimits.Nesting)
        {
            if (_depth == ExpressionLimits.Nesting + 1)
            {
                findings.Refuse(node, $"The expression is nested deeper than {ExpressionLimits.Nesting} levels. Split it over several steps.");
            }
        }
        else if (ReferenceReader.TryRead(node, findings.Source, IsParameter, out var reference))
        {
            WriteReference(reference, node);
        }
        else
        {
            WriteNode(node);
        }

        _depth--;
    }

    private bool IsParameter(string name) => _parameters.Contains(name);

    private void WriteReference(Reference reference, Node node)
    {
        if (reference.Parts.IsEmpty && Functions.ExpressionFunctions.Find(reference.Root) is { } function)
        {
            findings.Refuse(node, $"'{function.Name}' is a function, which can only be called: {function.Name}{function.Signature}.");
        }
        else if (findings.Use(reference, node) is { } read)
        {
            _script.Append(ScriptText.Read).Append('(').Append(_reads.Count).Append(')');
            _reads.Add(read);
        }
    }

    private void WriteNode(Node node)
    {
        switch (node)
        {
            case ChainExpression chain:
                Write(chain.Expression);
                break;
            case Identifier name:
                WriteIdentifier(name);
                break;
            case Literal literal:
                WriteLiteral(literal);
                break;
            case TemplateLiteral template:
                WriteTemplate(template);
                break;
            case ArrayExpression list:
                WriteList(list);
                break;
            case ObjectExpression value:
                WriteObject(value);
                break;
            case MemberExpression member:
                WriteMember(member);
                break;
            case CallExpression call:
                WriteCall(call);
                break;
            case ConditionalExpression choice:
                WriteParts("(", choice.Test, " ? ", choice.Consequent, " : ", choice.Alternate, ")");
                break;
            default:
                WriteOperator(node);
                break;
        }
    }

    private void WriteIdentifier(Identifier name)
    {
        if (name.Name == "undefined")
        {
            _script.Append("null");
        }
        else if (IsParameter(name.Name))
        {
            _script.Append(name.Name);
        }
        else
        {
            findings.Refuse(name, $"'{name.Name}' alone is not a value; call one of its functions.");
        }
    }

    private void WriteLiteral(Literal literal)
    {
        switch (literal)
        {
            case StringLiteral text:
                WriteQuoted(text.Value);
                break;
            case NumericLiteral number when LargeInteger.IsLiteral(number.Raw, number.Value):
                _script.Append('(').Append(number.Raw).Append("n)");
                break;
            case NumericLiteral number:
                _script.Append('(').Append(number.Value.ToString("R", CultureInfo.InvariantCulture).Replace("∞", "1e999", StringComparison.Ordinal)).Append(')');
                break;
            case BooleanLiteral boolean:
                _script.Append(boolean.Value ? "true" : "false");
                break;
            case NullLiteral:
                _script.Append("null");
                break;
            case BigIntLiteral:
                findings.Refuse(literal, "Big integers are not allowed. A reference that stands alone in its braces keeps all digits of a number.");
                break;
            default:
                findings.Refuse(literal, "A regular expression stands as an argument of match, replace, replaceAll, search or split, or before .test(…).");
                break;
        }
    }

    private void WriteTemplate(TemplateLiteral template)
    {
        _script.Append(ScriptText.Text).Append('(');
        for (var i = 0; i < template.Quasis.Count; i++)
        {
            WriteQuoted(template.Quasis[i].Value.Cooked ?? "");
            if (i < template.Expressions.Count)
            {
                WriteParts(", ", template.Expressions[i], ", ");
            }
        }

        _script.Append(')');
    }

    private void WriteList(ArrayExpression list)
    {
        _script.Append('[');
        foreach (var item in list.Elements)
        {
            if (item is null)
            {
                findings.Refuse(list, "A list may not leave out items; write null.");
                continue;
            }

            WriteItem(item);
            _script.Append(", ");
        }

        _script.Append(']');
    }

    /// <summary>Writes an item of a list or an argument, which may be a spread.</summary>
    private void WriteItem(Node item)
    {
        if (item is SpreadElement spread)
        {
            WriteParts($"...{ScriptText.Items}({spread.Start}, ", spread.Argument, ")");
        }
        else
        {
            Write(item);
        }
    }

    private void WriteObject(ObjectExpression value)
    {
        _script.Append("({");
        foreach (var node in value.Properties)
        {
            switch (node)
            {
                case SpreadElement spread:
                    WriteParts($"...{ScriptText.Members}({spread.Start}, ", spread.Argument, "), ");
                    break;
                case ObjectProperty { Kind: PropertyKind.Init, Method: false } property:
                    WriteProperty(property);
                    break;
                default:
                    findings.Refuse(node, "An object may only have plain members: { name: value }.");
                    break;
            }
        }

        _script.Append("})");
    }

    private void WriteProperty(ObjectProperty property)
    {
        if (property.Computed)
        {
            WriteParts($"[{ScriptText.Text}(", property.Key, ")]: ", property.Value, ", ");
            return;
        }

        var name = property.Key switch
        {
            Identifier identifier => ReferenceReader.NameOf(identifier, findings.Source),
            StringLiteral text => text.Value,
            NumericLiteral number => Scalar.NumberText(number.Value),
            _ => "",
        };
        if (ForbiddenNames.Contains(name))
        {
            findings.Refuse(property.Key, ForbiddenNames.Message(name));
        }

        WriteQuoted(name);
        WriteParts(": ", property.Value, ", ");
    }

    private void WriteMember(MemberExpression member)
    {
        switch (ReferenceReader.PartOf(member, findings.Source))
        {
            case { Name: { } name } when ForbiddenNames.Contains(name):
                findings.Refuse(member.Property, ForbiddenNames.Message(name));
                break;
            case { Name: { } name }:
                WriteParts($"{ScriptText.Get}(", member.Object, ", ");
                WriteQuoted(name);
                _script.Append(')');
                break;
            default:
                if (member is { Computed: false })
                {
                    findings.Refuse(member, "Private names are not allowed.");
                    break;
                }

                WriteParts($"{ScriptText.Get}(", member.Object, ", ", member.Property, ")");
                break;
        }
    }

    private void WriteQuoted(string text) => _script.Append(JsonSerializer.Serialize(text));

    /// <summary>Writes strings verbatim and nodes as scripts.</summary>
    private void WriteParts(params ReadOnlySpan<object> parts)
    {
        foreach (var part in parts)
        {
            if (part is Node node)
            {
                Write(node);
            }
            else
            {
                _script.Append((string)part);
            }
        }
    }
}
