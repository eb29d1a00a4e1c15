using System.Collections.Immutable;

namespace Sluice.Engine.Text;

/// <summary>A JSON value as written in a workflow, with the position of every part.</summary>
internal abstract record SourceNode(Position At)
{
    /// <summary>An object. Its members are in source order, each name once.</summary>
    internal sealed record Object(ImmutableArray<Member> Members, Position At) : SourceNode(At)
    {
        public SourceNode? this[string name] => Members.FirstOrDefault(member => member.Name == name)?.Value;
    }

    /// <summary>An array.</summary>
    internal sealed record Array(ImmutableArray<SourceNode> Items, Position At) : SourceNode(At);

    /// <summary>
    /// A string, which may contain <c>{{ expressions }}</c>. <paramref name="At"/> is the position of its first character.
    /// </summary>
    internal sealed record Text(string Value, Position At) : SourceNode(At);

    /// <summary>A number, <c>true</c>, <c>false</c> or <c>null</c>, as JSON text.</summary>
    internal sealed record Literal(string Json, Position At) : SourceNode(At);

    /// <summary>A member of an object.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="NameAt">The position of the name.</param>
    /// <param name="Value">Its value.</param>
    internal sealed record Member(string Name, Position NameAt, SourceNode Value);
}
