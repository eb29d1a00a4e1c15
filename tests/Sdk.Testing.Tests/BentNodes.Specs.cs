using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing.Tests;

#pragma warning disable CA1034 // Test data, read best beside the law that each one breaks.
#pragma warning disable CA2201

/// <summary>Nodes that break the laws about what a node says of itself.</summary>
public static partial class BentNodes
{
    [BreaksLaw("usable")]
    public sealed class NeedsAnArgument(string name) : BentNode
    {
        public string Name { get; } = name;
    }

    [BreaksLaw("usable")]
    public sealed class ThrowsWhenMade : BentNode
    {
        public ThrowsWhenMade() => throw new InvalidOperationException("No such file.");
    }

    [BreaksLaw("usable")]
    public sealed class HasNoSpec : BentNode
    {
        public override NodeSpec Spec => throw new InvalidOperationException("Not now.");
    }

    [BreaksLaw("type-identifier")]
    public sealed class IsNamedInCamelCase : BentNode
    {
        public override NodeSpec Spec => Usual with { Type = "doubleIt" };
    }

    [BreaksLaw("type-unique")]
    public sealed class HasATypeThatIsTaken : BentNode
    {
        public override NodeSpec Spec => Usual with { Type = "shared" };
    }

    [BreaksLaw("type-unique")]
    public sealed class HasTheSameType : BentNode
    {
        public override NodeSpec Spec => Usual with { Type = "shared" };
    }

    [BreaksLaw("described")]
    public sealed class HasNoSummary : BentNode
    {
        public override NodeSpec Spec => Usual with { Summary = " " };
    }

    [BreaksLaw("described")]
    public sealed class HasNoExample : BentNode
    {
        public override NodeSpec Spec => Usual with { Examples = [] };
    }

    [BreaksLaw("described")]
    public sealed class HasAFieldInAListWithoutDescription : BentNode
    {
        public override NodeSpec Spec => Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"What it says.\"", "\"\"", StringComparison.Ordinal) };
    }

    [BreaksLaw("ports-well-formed")]
    public sealed class HasOnePortTwice : BentNode
    {
        public override NodeSpec Spec => Usual with { Ports = [.. Good.Spec.Ports, new PortSpec("small", "Again.")] };
    }

    [BreaksLaw("closed-config")]
    public sealed class AllowsAnyMember : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace(",\"additionalProperties\":false", "", StringComparison.Ordinal) };
    }

    [BreaksLaw("defaults-fit")]
    public sealed class HasADefaultThatIsTooSmall : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"default\":2", "\"default\":0", StringComparison.Ordinal) };
    }

    [BreaksLaw("defaults-fit")]
    public sealed class HasAnExampleOfAnotherType : BentNode
    {
        public override NodeSpec Spec =>
            Usual with { ConfigSchema = Good.Spec.ConfigSchema.Replace("\"examples\":[4]", "\"examples\":[\"four\"]", StringComparison.Ordinal) };
    }

    [BreaksLaw("spec-stable")]
    public sealed class IsAnotherEveryTime : BentNode
    {
        private int _reads;

        public override NodeSpec Spec => Usual with { Summary = $"Read {++_reads} times." };
    }
}
