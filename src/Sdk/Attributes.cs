namespace Sluice.Sdk;

/// <summary>Names a node; the first half of its spec.</summary>
/// <param name="type">The type identifier that workflows use, snake_case: <c>webhook_response</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NodeAttribute(string type) : Attribute
{
    /// <summary>The type identifier, snake_case.</summary>
    public string Type { get; } = type;

    /// <summary>The name that people read; by default the type identifier.</summary>
    public string? Name { get; set; }

    /// <summary>The shelf of the catalogue that the node stands on; by default <c>Other</c>.</summary>
    public string? Category { get; set; }

    /// <summary>What the node does, in a sentence or two.</summary>
    public string? Summary { get; set; }

    /// <summary>What the node does to the world; by default <see cref="Effect.External"/>.</summary>
    public Effect Effect { get; set; }

    /// <summary>
    /// What a second call with the same <see cref="NodeContext.IdempotencyKey"/> does, for a node with <see cref="Effect.External"/> that does not
    /// hand the key on with each HTTP request that changes something: how one effect comes of two calls, or why it can't be so.
    /// </summary>
    public string? OnRepeat { get; set; }
}

/// <summary>Declares a port: a named way out of a node. A node without ports has one unnamed way out.</summary>
/// <param name="name">The name that a step's <c>branches</c> use, snake_case.</param>
/// <param name="description">When the node leaves through this port.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class PortAttribute(string name, string description) : Attribute
{
    /// <summary>The port's name.</summary>
    public string Name { get; } = name;

    /// <summary>When the node leaves through this port.</summary>
    public string Description { get; } = description;
}

/// <summary>
/// Describes one field of a config or output record; put it on the record's parameter or property. On a member of an enum it describes that value.
/// </summary>
/// <param name="description">The documentation of the field: meaning, unit, edge. One or two sentences.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field, Inherited = false)]
public sealed class FieldAttribute(string description) : Attribute
{
    /// <summary>The documentation of the field.</summary>
    public string Description { get; } = description;

    /// <summary>A value worth showing, as JSON text: <c>"https://example.com"</c> with its quotes, <c>30</c>.</summary>
    public string? Example { get; set; }

    /// <summary>The value taken where the field is left out, as JSON text, where the parameter's own default can't say it: <c>"30s"</c> for a time.</summary>
    public string? Default { get; set; }

    /// <summary>The value is a secret: shown as <c>***</c>, and best written as <c>{{ secrets.name }}</c>.</summary>
    public bool Secret { get; set; }

    /// <summary>Whether the value may hold <c>{{ expressions }}</c>; true by default.</summary>
    public bool Expressions { get; set; } = true;

    /// <summary>
    /// The least value allowed, itself included: of a number; of the characters of a string; of the items of a list or a dictionary; of a
    /// <see cref="TimeSpan"/>, in seconds. Held before every call.
    /// </summary>
    public double Minimum { get; set; } = double.NaN;

    /// <summary>The greatest value allowed, itself included, of the same.</summary>
    public double Maximum { get; set; } = double.NaN;
}

/// <summary>A worked example of a node. Shown in the catalogue, and run by the contract suite.</summary>
/// <param name="summary">What the example shows.</param>
/// <param name="config">The config, as JSON text without expressions.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class NodeExampleAttribute(string summary, string config) : Attribute
{
    /// <summary>What the example shows.</summary>
    public string Summary { get; } = summary;

    /// <summary>The config, as JSON text.</summary>
    public string Config { get; } = config;

    /// <summary>The output that it gives, as JSON text, where that is always the same.</summary>
    public string? Output { get; set; }

    /// <summary>The port that it leaves through, where the node has ports.</summary>
    public string? Port { get; set; }

    /// <summary>Whether it needs a network: such an example is shown, and not run where there is none.</summary>
    public bool NeedsNetwork { get; set; }
}
