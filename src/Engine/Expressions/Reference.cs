using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>A path into the values of a run: a root (<c>trigger</c>, a step's key, <c>run</c>, <c>secrets</c>) and its parts.</summary>
/// <param name="Root">The first name.</param>
/// <param name="Parts">The names and indexes after the root.</param>
internal sealed record Reference(string Root, ImmutableArray<ReferencePart> Parts)
{
    /// <summary>
    /// Whether it may read the output of a step, if its root is a step. A step otherwise only has its status and its port.
    /// </summary>
    public bool ReadsOutput => Parts is not [{ Name: "status" or "port" }, ..];
}

/// <summary>One part of a path: a member's name, or an index if <paramref name="Name"/> is null.</summary>
internal readonly record struct ReferencePart(string? Name, int Index)
{
    public static ReferencePart Of(string name) => new(name, 0);

    public static ReferencePart At(int index) => new(null, index);
}

/// <summary>The values that expressions can read: those of one run at its current point.</summary>
internal interface IScope
{
    /// <summary>
    /// Returns the value at a reference whose root is not <c>secrets</c>; undefined if the path does not exist, which reads as null.
    /// Valid until the end of the evaluation.
    /// </summary>
    JsonElement Resolve(Reference reference);

    /// <summary>Returns the value of a secret; null if the host has none with that name.</summary>
    string? Secret(string name);

    /// <summary>Masks the values of secrets in a string, so that a message may quote it.</summary>
    string Mask(string text);

    /// <summary>The time that <c>now()</c> returns: the same throughout an evaluation, and each time it is repeated.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Returns the next UUID of the evaluation; the same sequence each time it is repeated.</summary>
    Guid NextUuid();
}
