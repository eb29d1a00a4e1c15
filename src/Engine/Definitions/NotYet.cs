using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>The words of the workflow language that are planned but not supported yet: rejected by name, never ignored.</summary>
internal static class NotYet
{
    public const string Rule = "not-supported-yet";

    public static readonly ImmutableArray<string> InWorkflow = ["retry", "timeout", "on_error"];

    public static readonly ImmutableArray<string> InStep = ["retry", "on_error", "for_each", "parallel", "try", "catch"];

    private static readonly ImmutableArray<string> Structures = ["for_each", "parallel", "try", "catch"];

    /// <summary>Reports each such word that an object uses. Returns whether one of them takes the place of a node.</summary>
    public static bool Refuse(SourceNode.Object source, ImmutableArray<string> words, Fields fields)
    {
        foreach (var member in source.Members.Where(member => words.Contains(member.Name)))
        {
            fields.Note(Rule, $"'{member.Name}' is not supported yet; remove it.", member.Name, member.NameAt);
        }

        return source.Members.Any(member => words.Contains(member.Name) && Structures.Contains(member.Name));
    }
}
