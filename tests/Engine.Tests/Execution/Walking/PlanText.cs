using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>Reads a plan from one line: <c>a, gate { left: b, c; right: d }, each prices 2 ( fetch ), try t ( pay ) finally ( tidy )</c>.</summary>
internal sealed class PlanText(string text)
{
    private readonly string[] _words = [.. System.Text.RegularExpressions.Regex.Matches(text, @"\w+|[^\s\w]").Select(match => match.Value)];
    private int _at;

    public static ImmutableArray<PlanStep> Read(string text) => new PlanText(text).Steps();

    private string Take() => _words[_at++];

    private bool TryTake(string word)
    {
        var isIt = _at < _words.Length && _words[_at] == word;
        _at += isIt ? 1 : 0;
        return isIt;
    }

    private ImmutableArray<PlanStep> Steps()
    {
        var steps = ImmutableArray.CreateBuilder<PlanStep>();
        do
        {
            steps.Add(Step());
        }
        while (TryTake(","));
        return steps.ToImmutable();
    }

    private PlanStep Step()
    {
        if (TryTake("each"))
        {
            var (key, concurrency) = (Take(), int.Parse(Take(), CultureInfo.InvariantCulture));
            return new ForEachPrototype(key, concurrency, Bracketed());
        }

        if (TryTake("try"))
        {
            var key = Take();
            var body = Bracketed();
            Assert.True(TryTake("finally"));
            return new TryPrototype(key, body, Bracketed());
        }

        return new NodePlan(NodeStep());
    }

    private ImmutableArray<PlanStep> Bracketed()
    {
        Assert.True(TryTake("("));
        var steps = Steps();
        Assert.True(TryTake(")"));
        return steps;
    }

    private CompiledStep NodeStep()
    {
        var key = Take();
        var branches = new Dictionary<string, ImmutableArray<CompiledStep>>();
        if (TryTake("{"))
        {
            do
            {
                var port = Take();
                Assert.True(TryTake(":"));
                var steps = ImmutableArray.CreateBuilder<CompiledStep>();
                do
                {
                    steps.Add(NodeStep());
                }
                while (TryTake(","));
                branches[port] = steps.ToImmutable();
            }
            while (TryTake(";"));
            Assert.True(TryTake("}"));
        }

        return new CompiledStep { Key = key, Node = FakeNode.Echo("node", Effect.External), Config = null!, Branches = branches.ToFrozenDictionary() };
    }
}
