namespace Sluice.Sdk;

/// <summary>Specifies the identifier and the description of a node.</summary>
/// <param name="type">The type identifier that workflows use, in snake_case: <c>webhook_response</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NodeAttribute(string type) : Attribute
{
    /// <summary>Gets the type identifier, in snake_case.</summary>
    public string Type { get; } = type;

    /// <summary>Gets or sets the display name. The default is the type identifier.</summary>
    public string? Name { get; set; }

    /// <summary>Gets or sets the category in the catalogue. The default is <c>Other</c>.</summary>
    public string? Category { get; set; }

    /// <summary>Gets or sets what the node does, in one or two sentences.</summary>
    public string? Summary { get; set; }

    /// <summary>Gets or sets how the node affects the world. The default is <see cref="Effect.External"/>. A <see cref="PureNode{TConfig, TOutput}"/> ignores it.</summary>
    public Effect Effect { get; set; }

    /// <summary>
    /// Gets or sets what a second call with the same <see cref="NodeContext.IdempotencyKey"/> does. Required for a node with <see cref="Effect.External"/>
    /// that does not send the key with each POST and PATCH: how two calls have one effect, or why that is not possible.
    /// </summary>
    public string? OnRepeat { get; set; }
}

/// <summary>Declares a port: a named exit of a node. A node without ports has one unnamed exit.</summary>
/// <param name="name">The name that the <c>branches</c> of a step use, in snake_case.</param>
/// <param name="description">When the node leaves through this port.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class PortAttribute(string name, string description) : Attribute
{
    /// <summary>Gets the name of the port.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the condition under which the node leaves through this port.</summary>
    public string Description { get; } = description;
}

/// <summary>
/// Describes a field of a config or an output. Apply it to a parameter or a property of the record, or to a member of an enum to describe that value.
/// </summary>
/// <param name="description">The documentation of the field, in one or two sentences: meaning, unit, limits.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field, Inherited = false)]
public sealed class FieldAttribute(string description) : Attribute
{
    /// <summary>Gets the documentation of the field.</summary>
    public string Description { get; } = description;

    /// <summary>Gets or sets an example value, as JSON: <c>"https://example.com"</c> with its quotes, or <c>30</c>.</summary>
    public string? Example { get; set; }

    /// <summary>Gets or sets the value if the field is omitted, as JSON. Set it only if the default of the parameter cannot express it: <c>"30s"</c> for a duration.</summary>
    public string? Default { get; set; }

    /// <summary>Gets or sets whether the value is a secret. The host shows it as <c>***</c>. False by default.</summary>
    public bool Secret { get; set; }

    /// <summary>Gets or sets whether the value can contain <c>{{ expressions }}</c>. True by default.</summary>
    public bool Expressions { get; set; } = true;

    /// <summary>
    /// Gets or sets the inclusive minimum: of a number, of the length of a string in characters, of the number of items of a list or a dictionary, or of a
    /// <see cref="TimeSpan"/> in seconds. The host enforces it before each call.
    /// </summary>
    public double Minimum { get; set; } = double.NaN;

    /// <summary>Gets or sets the inclusive maximum, in the same units as <see cref="Minimum"/>.</summary>
    public double Maximum { get; set; } = double.NaN;
}

/// <summary>Adds an example to a node, as JSON. To write it as records, override <see cref="Node{TConfig, TOutput}.Examples"/>.</summary>
/// <param name="summary">What the example shows.</param>
/// <param name="config">The config, as JSON without expressions.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class NodeExampleAttribute(string summary, string config) : Attribute
{
    /// <summary>Gets what the example shows.</summary>
    public string Summary { get; } = summary;

    /// <summary>Gets the config, as JSON.</summary>
    public string Config { get; } = config;

    /// <summary>Gets or sets the exact output, as JSON. Omit it if the output varies.</summary>
    public string? Output { get; set; }

    /// <summary>Gets or sets the port that the call leaves through; null for a node without ports.</summary>
    public string? Port { get; set; }

    /// <summary>Gets or sets whether the call needs a network. Such an example is shown but not run if there is none. False by default.</summary>
    public bool NeedsNetwork { get; set; }
}
