using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Text;

namespace Sluice.Engine.Schemas;

/// <summary>
/// Reads a JSON Schema (2020-12) in a workflow, and reports where it is invalid. Nothing is downloaded: references stay within the schema.
/// </summary>
internal sealed class SchemaReader
{
    private readonly string _path;
    private readonly ICollection<Problem> _problems;
    private readonly SchemaReferences _references;
    private bool _tracks;

    private SchemaReader(string path, ICollection<Problem> problems)
    {
        _path = path;
        _problems = problems;
        _references = new SchemaReferences(path, problems);
    }

    /// <summary>Reads the schema; null if a problem was added.</summary>
    /// <param name="source">The schema as written.</param>
    /// <param name="path">Its path: <c>trigger.config.request.body</c>.</param>
    /// <param name="problems">Receives the problems.</param>
    public static JsonSchema? Read(SourceNode source, string path, ICollection<Problem> problems)
    {
        var found = new List<Problem>();
        var reader = new SchemaReader(path, found);
        foreach (var text in source.Texts().Where(text => ExpressionMark.IsIn(text.Value)))
        {
            found.Add(new Problem("no-expression-here", "A schema does not accept expressions. Write the value itself.", Path: path, At: text.At));
        }

        var root = reader.ReadNode(source, "");
        if (found.Count == 0)
        {
            reader._references.Resolve();
        }

        found.ForEach(problems.Add);
        return found.Count == 0 ? new JsonSchema(JsonOf(source), root, reader._tracks) : null;
    }

    /// <summary>Reads the schema at a location, and reports a value that is not one.</summary>
    public SchemaNode ReadNode(SourceNode source, string pointer)
    {
        var node = new SchemaNode { IsNever = source is SourceNode.Literal { Json: "false" } };
        _references.Add(pointer, node, source.At);
        switch (source)
        {
            case SourceNode.Object keywords:
                node.Rules = new SchemaKeywords(this, keywords, pointer, node).Read();
                break;
            case SourceNode.Literal { Json: "true" or "false" }:
                break;
            default:
                Wrong($"A schema must be an object, true or false, not {source.TypeInWords()}.", pointer, source.At);
                break;
        }

        return node;
    }

    public SchemaReferences References => _references;

    /// <summary>Records from now on which parts of a value were evaluated.</summary>
    public void Track() => _tracks = true;

    public void Wrong(string message, string pointer, Position at) => Note("bad-schema", message, pointer, at);

    public void Note(string rule, string message, string pointer, Position at) =>
        _problems.Add(new Problem(rule, message, Path: $"{_path}{pointer.Replace('/', '.')}", At: at));

    public static JsonElement JsonOf(SourceNode node) => JsonElement.Parse(node.ToJson());
}
