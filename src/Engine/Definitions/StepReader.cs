using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>Reads the steps of a workflow, branches included.</summary>
internal sealed class StepReader(ICollection<Problem> problems)
{
    private static readonly ImmutableArray<string> Known = ["key", "type", "config", "when", "timeout", "branches"];

    public ImmutableArray<StepDefinition> ReadAll(SourceNode.Array source, string path)
    {
        var steps = ImmutableArray.CreateBuilder<StepDefinition>(source.Items.Length);
        for (var index = 0; index < source.Items.Length; index++)
        {
            var place = $"{path}[{index}]";
            if (source.Items[index] is SourceNode.Object step)
            {
                steps.Add(Read(step, place));
            }
            else
            {
                var message = $"A step must be an object with key, type and config, not {source.Items[index].TypeInWords()}.";
                problems.Add(new Problem("wrong-type", message, Path: place, At: source.Items[index].At));
            }
        }

        return steps.DrainToImmutable();
    }

    private StepDefinition Read(SourceNode.Object source, string path)
    {
        var named = source["key"] is SourceNode.Text { Value.Length: > 0 } given ? given.Value : null;
        var fields = new Fields(source, named is null ? path : "", named, problems);
        var isStructure = NotYet.Refuse(source, NotYet.InStep, fields);
        fields.Require("key", "name the step, such as validate; later steps read its output by this name");
        if (!isStructure)
        {
            fields.RefuseUnknown(Known, NotYet.InStep);
            fields.Require("type", "name the node that the step runs, such as webhook_response");
        }

        var key = fields.Text("key");
        var type = fields.Text("type");
        return new StepDefinition
        {
            Key = key?.Value ?? "",
            KeyAt = key?.At ?? source.At,
            Path = path,
            Type = type?.Value ?? "",
            TypeAt = type?.At ?? source.At,
            Config = fields.Object("config") ?? new SourceNode.Object([], source.At),
            When = fields.Condition("when"),
            Timeout = fields.Duration("timeout"),
            TimeoutAt = fields["timeout"]?.At ?? source.At,
            Branches = ReadBranches(fields, path),
            At = source.At,
        };
    }

    private ImmutableArray<BranchDefinition> ReadBranches(Fields fields, string path)
    {
        if (fields.Object("branches") is not { } source)
        {
            return [];
        }

        var branches = ImmutableArray.CreateBuilder<BranchDefinition>(source.Members.Length);
        foreach (var member in source.Members)
        {
            var steps = ImmutableArray<StepDefinition>.Empty;
            if (member.Value is SourceNode.Array list)
            {
                steps = ReadAll(list, $"{path}.branches.{member.Name}");
            }
            else if (!member.Value.IsNull())
            {
                var message = $"A branch must be a list of steps, not {member.Value.TypeInWords()}. Put '- ' in front of each step.";
                fields.Note("wrong-type", message, $"branches.{member.Name}", member.Value.At);
            }

            branches.Add(new BranchDefinition(member.Name, member.NameAt, steps));
        }

        return branches.DrainToImmutable();
    }
}
