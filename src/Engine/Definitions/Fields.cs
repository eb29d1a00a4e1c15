using System.Collections.Immutable;
using System.Globalization;
using Sluice.Engine.Expressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>Reads the members of one object of a workflow, and reports members that are missing, unknown or of the wrong type.</summary>
/// <param name="source">The object.</param>
/// <param name="path">Its path from the step or the workflow; empty for the step or workflow itself.</param>
/// <param name="step">The key of the step it belongs to; null outside of steps.</param>
/// <param name="problems">Receives the problems.</param>
internal sealed class Fields(SourceNode.Object source, string path, string? step, ICollection<Problem> problems)
{
    public SourceNode? this[string name] => source[name] is { } value && !value.IsNull() ? value : null;

    public SourceNode.Text? Text(string name) => Of<SourceNode.Text>(name, "a string");

    public SourceNode.Object? Object(string name) => Of<SourceNode.Object>(name, "an object");

    public SourceNode.Array? Array(string name) => Of<SourceNode.Array>(name, "a list");

    /// <summary>Returns the fields of an object that is a member of this one.</summary>
    public Fields Below(string name, SourceNode.Object member) => new(member, PathOf(name), step, problems);

    /// <summary>Reads one of several words; null if omitted, or reported as invalid.</summary>
    public string? Word(string name, ImmutableArray<string> words)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (words.Contains(text.Value))
        {
            return text.Value;
        }

        Note("unknown-value", $"'{name}' can't be '{text.Value}'.{DidYouMean.Hint(text.Value, words)} Allowed: {string.Join(", ", words)}.", name, text.At);
        return null;
    }

    /// <summary>Reads an integer within bounds; null if omitted, or reported as invalid.</summary>
    public int? Count(string name, int least, int most)
    {
        var given = this[name];
        if (given is SourceNode.Literal number && int.TryParse(number.Json, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most)
        {
            return count;
        }

        if (given is not null)
        {
            var written = given is SourceNode.Literal literal ? literal.Json : given.TypeInWords();
            Note("out-of-range", $"'{name}' must be a whole number from {least} to {most}, not {written}.", name, given.At);
        }

        return null;
    }

    /// <summary>Reads one value or a list; empty if omitted, or reported as invalid. <paramref name="one"/> names a single value.</summary>
    public ImmutableArray<SourceNode> OneOrMany(string name, string one)
    {
        switch (this[name])
        {
            case null:
                return [];
            case SourceNode.Array { Items.IsEmpty: false } list:
                return list.Items;
            case SourceNode.Array or SourceNode.Object:
                var given = this[name] is SourceNode.Array ? "an empty list" : "an object";
                Note("wrong-type", $"'{name}' must be {one} or a list of them, not {given}.", name, this[name]!.At);
                return [];
            case var value:
                return [value];
        }
    }

    /// <summary>Reads one string or a list of strings, with their positions; reports everything else as invalid.</summary>
    public ImmutableArray<SourceNode.Text> TextNodes(string name, string one)
    {
        var found = ImmutableArray.CreateBuilder<SourceNode.Text>();
        foreach (var item in OneOrMany(name, one))
        {
            if (item is SourceNode.Text text)
            {
                found.Add(text);
            }
            else
            {
                Note("wrong-type", $"'{name}' must be {one} or a list of them, as strings, not {item.TypeInWords()}. Put it in quotes.", name, item.At);
            }
        }

        return found.DrainToImmutable();
    }

    /// <summary>Reads one string or a list of strings; reports everything else as invalid.</summary>
    public ImmutableArray<string> Texts(string name, string one) => [.. TextNodes(name, one).Select(text => text.Value)];

    /// <summary>Returns the path of a member from the step or the workflow.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>Reads true or false; null if omitted, or reported as invalid.</summary>
    public bool? Flag(string name)
    {
        var value = this[name];
        if (value is null or SourceNode.Literal { Json: "true" or "false" })
        {
            return value is SourceNode.Literal { Json: "true" } ? true : value is null ? null : false;
        }

        Note("wrong-type", $"'{name}' must be true or false, not {value.TypeInWords()}.", name, value.At);
        return null;
    }

    /// <summary>Reads a duration within bounds; null if omitted, or reported as invalid.</summary>
    public TimeSpan? Duration(string name)
    {
        var given = this[name];
        var duration = given is SourceNode.Text text ? Engine.Text.Duration.Parse(text.Value) : null;
        if (given is not null && duration is null)
        {
            var written = given switch
            {
                SourceNode.Text other => $"'{other.Value}'",
                SourceNode.Literal number => number.Json,
                _ => given.TypeInWords(),
            };
            Note("bad-duration", $"'{name}' must be a duration: {Engine.Text.Duration.Form}, not {written}.", name, given.At);
        }

        return duration;
    }

    /// <summary>Reads an expression, <c>true</c> or <c>false</c>; null if omitted, or reported as invalid.</summary>
    public SourceNode? Condition(string name)
    {
        var condition = this[name];
        switch (condition)
        {
            case null or SourceNode.Literal { Json: "true" or "false" }:
                return condition;
            case SourceNode.Text text when ExpressionText.IsOneExpression(text.Value.Trim()):
                return text with { Value = text.Value.Trim() };
            case SourceNode.Text:
                Note(
                    "bad-condition",
                    $"'{name}' is one expression, such as \"{{{{ trigger.output.body.amount > 100 }}}}\"; other text would always be true.",
                    name,
                    condition.At);
                return null;
            default:
                Note("wrong-type", $"'{name}' must be one expression, true or false, not {condition.TypeInWords()}.", name, condition.At);
                return null;
        }
    }

    /// <summary>Reports a required member that is missing; <paramref name="cure"/> says what to write.</summary>
    public void Require(string name, string cure)
    {
        if (this[name] is null)
        {
            var empty = source[name];
            var message = empty is null ? $"'{name}' is missing: {cure}." : $"'{name}' is empty: {cure}.";
            Note("missing-field", message, name, empty?.At ?? source.At);
        }
    }

    /// <summary>Reports every unknown member with the closest known name; <paramref name="known"/> is not empty.</summary>
    public void RefuseUnknown(ImmutableArray<string> known, ImmutableArray<string> notYet)
    {
        foreach (var member in source.Members.Where(member => !known.Contains(member.Name) && !notYet.Contains(member.Name)))
        {
            var hint = DidYouMean.Closest(member.Name, known) is { } meant ? $"Did you mean '{meant}'?" : "Remove it.";
            Note("unknown-field", $"'{member.Name}' is not a known field. {hint} Known: {string.Join(", ", known)}.", member.Name, member.NameAt);
        }
    }

    public void Note(string rule, string message, string name, Position at) =>
        problems.Add(new Problem(rule, message, step, PathOf(name), at));

    private T? Of<T>(string name, string expected)
        where T : SourceNode
    {
        var value = this[name];
        if (value is null or T)
        {
            return (T?)value;
        }

        var cure = expected == "a string" && value is SourceNode.Literal ? " Put it in quotes." : "";
        Note("wrong-type", $"'{name}' must be {expected}, not {value.TypeInWords()}.{cure}", name, value.At);
        return null;
    }
}
