using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sluice.Engine.Text;

/// <summary>Parses YAML 1.2, and so JSON, into values with positions. Never throws for invalid input: it returns problems.</summary>
internal sealed class YamlReader
{
    /// <summary>The maximum length of a workflow, in characters.</summary>
    public const int LongestText = 1024 * 1024;

    /// <summary>The most values in a workflow. A value that an alias repeats counts each time.</summary>
    public const int MostValues = 100_000;

    /// <summary>The most characters of names and values in a workflow. Text that an alias repeats counts each time.</summary>
    public const int MostCharacters = 2 * LongestText;

    /// <summary>The maximum nesting depth of values; the JSON readers of a config accept no more.</summary>
    public const int DeepestValue = 60;

    private readonly YamlText _text;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly List<Problem> _problems = [];
    private readonly Dictionary<string, (SourceNode Node, int Values, long Characters)> _anchors = [];
    private int _values;
    private long _characters;

    private YamlReader(string text)
    {
        _text = new YamlText(text);
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
    }

    private ParsingEvent Current => _parser.Current!;

    /// <summary>Parses the single value of a source; null if there is none, or it can't be parsed.</summary>
    public static (SourceNode? Root, IReadOnlyList<Problem> Problems) Read(string text)
    {
        if (text.Length > LongestText)
        {
            return (null, [new Problem("too-large", $"The text has {text.Length} characters; a workflow may have {LongestText}. Split it.")]);
        }

        text = text.TrimStart('\uFEFF');
        if (YamlText.ForbiddenCharacter(text) is { } forbidden)
        {
            return (null, [forbidden]);
        }

        var reader = new YamlReader(text);
        return (reader.ReadGuarded(), reader._problems);
    }

    private SourceNode? ReadGuarded()
    {
        try
        {
            return ReadDocument();
        }
        catch (LimitException limit)
        {
            _problems.Add(limit.Problem);
        }
        catch (YamlException broken)
        {
            _problems.Add(_text.Explain(broken.Message, PositionOf(broken.Start)));
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // The parser throws these for some unfinished flow collections and numbers; only its scanner then knows the position.
            _problems.Add(_text.Explain("a bracket, a brace or a quote is not closed", PositionOf(_scanner.CurrentPosition)));
        }

        return null;
    }

    private SourceNode? ReadDocument()
    {
        _parser.MoveNext();
        if (!_parser.MoveNext() || Current is StreamEnd)
        {
            _problems.Add(new Problem("empty", "The text is empty; a workflow has name, trigger and steps.", At: new Position(1, 1)));
            return null;
        }

        _parser.MoveNext();
        var root = ReadValue(depth: 0);
        _parser.MoveNext();
        if (Current is DocumentStart second)
        {
            _problems.Add(new Problem(
                "yaml-documents",
                "A second document starts here; a text holds one workflow. Put the other one into a file of its own.",
                At: PositionOf(second.Start)));
        }

        return root;
    }

    /// <summary>Reads the value that the current event starts, and advances past it.</summary>
    private SourceNode ReadValue(int depth)
    {
        var start = Current;
        Count(1, depth, start);
        var (values, characters) = (_values - 1, _characters);
        var node = start switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart sequence => ReadSequence(sequence, depth),
            MappingStart mapping => ReadMapping(mapping, depth),
            AnchorAlias alias => ReadAlias(alias, depth),
            _ => throw new InvalidOperationException($"No value starts with {start.GetType().Name}."),
        };
        if (start is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = (node, _values - values, _characters - characters);
        }

        return node;
    }

    private SourceNode ReadScalar(Scalar scalar)
    {
        CountCharacters(scalar.Value.Length, scalar);
        _parser.MoveNext();
        RefuseTag(scalar);
        var at = _text.FirstCharacter(scalar, PositionOf(scalar.Start));
        return scalar.Style == ScalarStyle.Plain ? YamlScalar.Read(scalar.Value, at, _problems) : new SourceNode.Text(scalar.Value, at);
    }

    private SourceNode.Array ReadSequence(SequenceStart start, int depth)
    {
        RefuseTag(start);
        _parser.MoveNext();
        var items = ImmutableArray.CreateBuilder<SourceNode>();
        while (Current is not SequenceEnd)
        {
            items.Add(ReadValue(depth + 1));
        }

        _parser.MoveNext();
        return new SourceNode.Array(items.DrainToImmutable(), PositionOf(start.Start));
    }

    private SourceNode ReadMapping(MappingStart start, int depth)
    {
        RefuseTag(start);
        _parser.MoveNext();
        if (Current is MappingStart && _text.StartsWith(ExpressionMark.Open, start.Start.Index))
        {
            return ReadUnquotedExpression(start);
        }

        var members = ImmutableArray.CreateBuilder<SourceNode.Member>();
        var names = new Dictionary<string, Position>(StringComparer.Ordinal);
        while (Current is not MappingEnd)
        {
            if (ReadMember(names, depth) is { } member)
            {
                members.Add(member);
            }
        }

        _parser.MoveNext();
        return new SourceNode.Object(members.DrainToImmutable(), PositionOf(start.Start));
    }

    private SourceNode.Member? ReadMember(Dictionary<string, Position> names, int depth)
    {
        var at = PositionOf(Current.Start);
        if (Current is not Scalar name)
        {
            _problems.Add(new Problem("yaml-name", "A list, an object or an alias can't be a name; write a plain word before the colon.", At: at));
            ReadValue(depth + 1);
            ReadValue(depth + 1);
            return null;
        }

        RefuseTag(name);
        CountCharacters(name.Value.Length, name);
        _parser.MoveNext();
        var value = ReadValue(depth + 1);
        if (name is { Style: ScalarStyle.Plain, Value: "<<" })
        {
            _problems.Add(new Problem("yaml-merge", "Merge keys ('<<') are not part of YAML 1.2; write the members out.", At: at));
            return null;
        }

        if (!names.TryAdd(name.Value, at))
        {
            var message = $"'{name.Value}' stands here a second time, the first is in line {names[name.Value].Line}; keep one of them.";
            _problems.Add(new Problem("duplicate-field", message, At: at));
            return null;
        }

        return new SourceNode.Member(name.Value, at, value);
    }

    // YAML parses {{ x }} without quotes as an object in an object. The intent is clear, so the other checks continue with the expression.
    private SourceNode.Text ReadUnquotedExpression(MappingStart start)
    {
        for (var open = 1 + Current.NestingIncrease; open > 0; open += Current.NestingIncrease)
        {
            Count(1, open, Current);
            _parser.MoveNext();
        }

        var meant = _text.Between(start.Start.Index, Current.Start.Index + 1);
        var at = PositionOf(start.Start);
        _parser.MoveNext();
        _problems.Add(new Problem("unquoted-expression", $"YAML reads this as an object; put it in quotes: \"{meant}\".", At: at));
        return new SourceNode.Text(meant, at);
    }

    private SourceNode ReadAlias(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
        {
            throw new LimitException(new Problem(
                "yaml-alias",
                $"No value before this place has the anchor '&{alias.Value.Value}'; write the value here, or define the anchor first.",
                At: PositionOf(alias.Start)));
        }

        Count(anchored.Values - 1, depth, alias);
        CountCharacters(anchored.Characters, alias);
        Count(0, depth + Height(anchored.Node), alias);
        _parser.MoveNext();
        return anchored.Node;
    }

    private static int Height(SourceNode node) => node switch
    {
        SourceNode.Object nested => nested.Members.Select(member => Height(member.Value) + 1).DefaultIfEmpty().Max(),
        SourceNode.Array list => list.Items.Select(item => Height(item) + 1).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private void Count(int more, int depth, ParsingEvent at)
    {
        _values += more;
        if (_values > MostValues)
        {
            throw new LimitException(new Problem(
                "too-large", $"The workflow has more than {MostValues} values, repeated ones counted; split it.", At: PositionOf(at.Start)));
        }

        if (depth > DeepestValue)
        {
            throw new LimitException(new Problem(
                "too-deep", $"Values stand inside one another more than {DeepestValue} deep; flatten them.", At: PositionOf(at.Start)));
        }
    }

    private void CountCharacters(long more, ParsingEvent at)
    {
        _characters += more;
        if (_characters > MostCharacters)
        {
            throw new LimitException(new Problem(
                "too-large",
                $"The workflow has more than {MostCharacters} characters, what aliases repeat counted each time; repeat less, or split it.",
                At: PositionOf(at.Start)));
        }
    }

    private void RefuseTag(NodeEvent node)
    {
        if (!node.Tag.IsEmpty)
        {
            var tag = node.Tag.Value.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal);
            var message = $"Tags ('{tag}') have no meaning here; remove it. Quotes make a string.";
            _problems.Add(new Problem("yaml-tag", message, At: PositionOf(node.Start)));
        }
    }

    private static Position PositionOf(Mark mark) => new((int)mark.Line, (int)mark.Column);

    /// <summary>Stops reading a source that exceeds a limit.</summary>
    private sealed class LimitException(Problem problem) : Exception(problem.Message)
    {
        public Problem Problem { get; } = problem;
    }
}
