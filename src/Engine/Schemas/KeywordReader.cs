using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Schemas;

/// <summary>
/// Reads the value of a keyword that is a string, number, count, list of names or pattern, and reports values of other types.
/// </summary>
internal abstract class KeywordReader(SchemaReader reader, SourceNode.Object source, string pointer)
{
    protected SchemaReader Reader => reader;

    /// <summary>The schema as written.</summary>
    protected SourceNode.Object Source => source;

    /// <summary>The location of the schema in the whole (RFC 6901).</summary>
    protected string Pointer => pointer;

    protected SourceNode.Text? Text(string name)
    {
        if (Source[name] is { } given and not SourceNode.Text)
        {
            Wrong(name, $"'{name}' must be a string, not {given.TypeInWords()}.", given.At);
        }

        return Source[name] as SourceNode.Text;
    }

    protected JsonElement? Number(string name)
    {
        if (Source[name] is not { } given)
        {
            return null;
        }

        if (given is SourceNode.Literal and not { Json: "true" or "false" or "null" })
        {
            return SchemaReader.JsonOf(given);
        }

        Wrong(name, $"'{name}' must be a number, not {given.TypeInWords()}.", given.At);
        return null;
    }

    // Null if neither bound is set.
    protected (long Least, long Most)? Counts(string leastName, string mostName) =>
        Source[leastName] is null && Source[mostName] is null ? null : (Count(leastName) ?? 0, Count(mostName) ?? long.MaxValue);

    protected long? Count(string name)
    {
        if (Source[name] is not { } given)
        {
            return null;
        }

        if (given is SourceNode.Literal literal && double.TryParse(literal.Json, CultureInfo.InvariantCulture, out var count) && double.IsInteger(count) && count is >= 0 and < 1e15)
        {
            return (long)count;
        }

        Wrong(name, $"'{name}' must be a whole number, 0 or more, not {(given as SourceNode.Literal)?.Json ?? given.TypeInWords()}.", given.At);
        return null;
    }

    protected ImmutableArray<string>? Names(string name)
    {
        if (Source[name] is not { } given)
        {
            return null;
        }

        if (NamesOf(given) is { } names)
        {
            return names;
        }

        var cure = given is SourceNode.Literal { Json: "true" or "false" } ? " It stands beside properties, and lists those that must be there." : "";
        Wrong(name, $"'{name}' must be a list of names, not {given.TypeInWords()}.{cure}", given.At);
        return null;
    }

    protected static ImmutableArray<string>? NamesOf(SourceNode given) =>
        given is SourceNode.Array list && list.Items.All(item => item is SourceNode.Text) ? [.. list.Items.Cast<SourceNode.Text>().Select(text => text.Value)] : null;

    protected Regex? Pattern(string pattern, string name, Position at)
    {
        var (regex, wrong) = EcmaPattern.Read(pattern);
        if (wrong is not null)
        {
            Wrong(name, $"'{pattern}' {wrong}.", at);
        }

        return regex;
    }

    protected void Wrong(string name, string message, Position at) => Reader.Wrong(message, $"{Pointer}/{name}", at);
}
