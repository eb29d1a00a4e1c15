using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>A path into the values of a run: a root (<c>trigger</c>, a step's key, <c>run</c>, <c>secrets</c>) and the parts after it.</summary>
/// <param name="Root">The first name.</param>
/// <param name="Parts">The names and indexes after it.</param>
internal sealed record Reference(string Root, ImmutableArray<ReferencePart> Parts)
{
    /// <summary>Whether it may read the output of a step, if its root is one: all else that a step has is its status and its port.</summary>
    public bool ReadsOutput => Parts is not [{ Name: "status" or "port" }, ..];
}

/// <summary>One step of a path: a member's name, or an index where <paramref name="Name"/> is null.</summary>
internal readonly record struct ReferencePart(string? Name, int Index)
{
    public static ReferencePart Of(string name) => new(name, 0);

    public static ReferencePart At(int index) => new(null, index);
}

/// <summary>What expressions can read: the values of one run, at the point it has reached.</summary>
internal interface IScope
{
    /// <summary>
    /// The value at a reference whose root is not <c>secrets</c>; an undefined element where the path leads nowhere (it reads as null).
    /// Valid until the end of the evaluation.
    /// </summary>
    JsonElement Resolve(Reference reference);

    /// <summary>The value of a secret; null where the host has none of that name.</summary>
    string? Secret(string name);

    /// <summary>A text with the values of secrets masked: what a message may quote.</summary>
    string Mask(string text);

    /// <summary>The time that <c>now()</c> gives: one for a whole evaluation, and the same each time it is repeated.</summary>
    DateTimeOffset Now { get; }

    /// <summary>The next UUID of the evaluation; the same sequence each time it is repeated.</summary>
    Guid NextUuid();
}
