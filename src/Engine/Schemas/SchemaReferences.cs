using Sluice.Engine.Text;

namespace Sluice.Engine.Schemas;

/// <summary>Resolves the references between the locations of a schema, and rejects cycles that no value would end.</summary>
internal sealed class SchemaReferences(string path, ICollection<Problem> problems)
{
    // Deeper than hand-written schemas refer, and within the stack of a check.
    private const int Deepest = 100;

    private readonly Dictionary<string, SchemaNode> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaNode> _anchors = new(StringComparer.Ordinal);
    private readonly Dictionary<SchemaNode, Position> _positions = [];
    private readonly List<(RefRule Rule, SchemaNode From, string Target, string Pointer, Position At)> _open = [];
    private readonly Dictionary<SchemaNode, bool> _walked = [];

    public void Add(string pointer, SchemaNode node, Position at)
    {
        _places[pointer] = node;
        _positions[node] = at;
    }

    public void AddAnchor(string name, SchemaNode node) => _anchors[name] = node;

    /// <summary>Adds a reference, which is resolved after all schemas have been read.</summary>
    public RefRule Refer(SchemaNode from, string target, string pointer, Position at)
    {
        var rule = new RefRule();
        _open.Add((rule, from, target, pointer, at));
        return rule;
    }

    /// <summary>Resolves every reference.</summary>
    public void Resolve()
    {
        foreach (var (rule, from, target, pointer, at) in _open)
        {
            rule.Target = Find(target);
            if (rule.Target is { } found)
            {
                from.InPlace.Add(found);
            }
            else
            {
                Wrong(Explain(target), pointer, at);
            }
        }

        foreach (var (pointer, node) in _places)
        {
            if (!IsFinite(node, 0))
            {
                Wrong("The schema refers to itself, or on and on, for one and the same value: no check of it would end. Refer from a member or an item.", pointer, _positions[node]);
                return;
            }
        }
    }

    private SchemaNode? Find(string target)
    {
        if (!target.StartsWith('#'))
        {
            return null;
        }

        var fragment = Uri.UnescapeDataString(target[1..]);
        return fragment.Length == 0 || fragment[0] == '/' ? _places.GetValueOrDefault(fragment) : _anchors.GetValueOrDefault(fragment);
    }

    private static string Explain(string target) => target.StartsWith('#')
        ? $"'{target}' leads to no schema in this one. Write it as #/$defs/NAME, and the schema below $defs."
        : $"'{target}' leads out of this schema, and nothing is fetched. Put that schema below $defs, and refer to it as #/$defs/NAME.";

    // True if every path from here through schemas of the same value ends.
    private bool IsFinite(SchemaNode node, int depth)
    {
        if (_walked.TryGetValue(node, out var finite))
        {
            return finite;
        }

        _walked[node] = false;
        return _walked[node] = depth < Deepest && node.InPlace.All(next => IsFinite(next, depth + 1));
    }

    private void Wrong(string message, string pointer, Position at) =>
        problems.Add(new Problem("bad-schema", message, Path: $"{path}{pointer.Replace('/', '.')}", At: at));
}
