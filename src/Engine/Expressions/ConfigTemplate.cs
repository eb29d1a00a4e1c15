using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>A compiled config: JSON whose strings are templates.</summary>
internal sealed class ConfigTemplate
{
    private readonly ConfigPart _root;

    private ConfigTemplate(ConfigPart root, IEnumerable<Template> templates)
    {
        _root = root;
        References = [.. templates.SelectMany(template => template.References)];
        Secrets = [.. templates.SelectMany(template => template.Secrets).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Compiles a config. The site is that of the whole config; its parts extend the path.</summary>
    public static ConfigTemplate Compile(SourceNode config, ExpressionSite site, ICollection<Problem> problems)
    {
        var reader = new ConfigReader(problems);
        return new ConfigTemplate(reader.Read(config, site), reader.Templates);
    }

    /// <summary>Whether it contains no expression, so that its value is constant.</summary>
    public bool IsLiteral => _root is ConfigPart.Constant;

    /// <summary>The references that it reads, except secrets.</summary>
    public ImmutableArray<ReferenceUse> References { get; }

    /// <summary>The names of the secrets that it reads.</summary>
    public ImmutableArray<string> Secrets { get; }

    /// <summary>Writes the value.</summary>
    /// <exception cref="ExpressionException"/>
    public void WriteTo(Utf8JsonWriter writer, IScope scope) => _root.WriteTo(writer, scope);
}
