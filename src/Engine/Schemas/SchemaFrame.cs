using System.Globalization;

namespace Sluice.Engine.Schemas;

/// <summary>One check of a value, with its remaining budget of steps.</summary>
internal sealed class SchemaRun(int steps, bool tracks)
{
    private int _left = steps;

    /// <summary>Whether to record which parts of a value were evaluated.</summary>
    public bool Tracks => tracks;

    /// <exception cref="SchemaLimitException">The budget is used up.</exception>
    public void Spend(int cost)
    {
        _left -= cost;
        if (_left < 0)
        {
            throw new SchemaLimitException();
        }
    }
}

/// <summary>The state of a check at one location of the value.</summary>
/// <param name="Run">The check.</param>
/// <param name="Place">The location in the value.</param>
/// <param name="Seen">What was evaluated at this location; null if no keyword needs it.</param>
/// <param name="Errors">Receives errors; null if only the result counts.</param>
internal readonly record struct SchemaFrame(SchemaRun Run, SchemaPlace Place, Evaluated? Seen, List<SchemaError>? Errors)
{
    public SchemaFrame Below(string name) => this with { Place = new SchemaPlace(Place, name, -1), Seen = null };

    public SchemaFrame Below(int index) => this with { Place = new SchemaPlace(Place, null, index), Seen = null };

    /// <summary>Returns the same frame without error reporting, for a branch that may fail.</summary>
    public SchemaFrame Quietly() => this with { Errors = null };

    /// <param name="message">What is wrong.</param>
    /// <param name="only">The only allowed value as JSON, if there is just one.</param>
    public bool Fail(string message, string? only = null)
    {
        if (Errors is { Count: < JsonSchema.MostErrors })
        {
            Errors.Add(new SchemaError(Place.Pointer(), message, only));
        }

        return false;
    }
}

/// <summary>A location in a value, as the path to it.</summary>
internal sealed class SchemaPlace(SchemaPlace? parent, string? name, int index)
{
    public static readonly SchemaPlace Root = new(null, null, -1);

    /// <summary>Returns the JSON Pointer (RFC 6901) of the location.</summary>
    public string Pointer()
    {
        var parts = new Stack<string>();
        for (var place = this; place._parent is not null; place = place._parent)
        {
            parts.Push(place.Token());
        }

        return string.Concat(parts.Select(part => $"/{part}"));
    }

    private readonly SchemaPlace? _parent = parent;

    private string Token() => name?.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)
        ?? index.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The parts of a value that the rules of a schema have evaluated (JSON Schema Core 2020-12, section 11).</summary>
internal sealed class Evaluated
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<int> _items = [];
    private int _firstItems;

    public void Name(string name) => _names.Add(name);

    public void Item(int index) => _items.Add(index);

    public void FirstItems(int count) => _firstItems = Math.Max(_firstItems, count);

    public bool HasName(string name) => _names.Contains(name);

    public bool HasItem(int index) => index < _firstItems || _items.Contains(index);

    public void Add(Evaluated other)
    {
        _names.UnionWith(other._names);
        _items.UnionWith(other._items);
        FirstItems(other._firstItems);
    }
}
