using System.Text;
using System.Text.Json;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>Compiles a config as written into parts.</summary>
internal sealed class ConfigReader(ICollection<Problem> problems)
{
    private static readonly IScope Unused = null!;

    /// <summary>Every template in the config.</summary>
    public List<Template> Templates { get; } = [];

    public ConfigPart Read(SourceNode node, ExpressionSite site) => node switch
    {
        SourceNode.Object value => ReadObject(value, site),
        SourceNode.Array list => ReadList(list, site),
        SourceNode.Text text => ReadText(text, site),
        SourceNode.Literal literal => new ConfigPart.Constant(Encoding.UTF8.GetBytes(literal.Json)),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node, "A node of an unknown kind."),
    };

    private ConfigPart ReadText(SourceNode.Text text, ExpressionSite site)
    {
        var template = ExpressionCompiler.Compile(text.Value, site with { At = text.At }, problems);
        Templates.Add(template);
        return Folded(new ConfigPart.Text(template), template.IsLiteral);
    }

    private ConfigPart ReadObject(SourceNode.Object value, ExpressionSite site)
    {
        var members = value.Members.Select(member => (
            JsonEncodedText.Encode(member.Name, ConstantJson.Encoder),
            Value: Read(member.Value, site with { Path = site.Path.Length == 0 ? member.Name : $"{site.Path}.{member.Name}" }))).ToArray();
        return Folded(new ConfigPart.Object([.. members]), members.All(member => member.Value is ConfigPart.Constant));
    }

    private ConfigPart ReadList(SourceNode.Array list, ExpressionSite site)
    {
        var items = list.Items.Select((item, index) => Read(item, site with { Path = $"{site.Path}[{index}]" })).ToArray();
        return Folded(new ConfigPart.Array([.. items]), items.All(item => item is ConfigPart.Constant));
    }

    private static ConfigPart Folded(ConfigPart part, bool isConstant) =>
        isConstant ? new ConfigPart.Constant(ConstantJson.Write(writer => part.WriteTo(writer, Unused))) : part;
}
