using System.Collections.Immutable;
using Sluice.Engine.Schemas;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads <c>request</c>: the schemas of a webhook's requests.</summary>
internal static class RequestReader
{
    private static readonly ImmutableArray<string> Known = ["body", "query", "headers", "params"];

    /// <summary>Reads the schemas; null if there are none.</summary>
    /// <param name="fields">The webhook's config.</param>
    /// <param name="problems">Receives the problems.</param>
    public static RequestSchemas? Read(Fields fields, ICollection<Problem> problems)
    {
        if (fields.Object("request") is not { } request)
        {
            return null;
        }

        var parts = fields.Below("request", request);
        parts.RefuseUnknown(Known, []);
        RefuseCapitals(parts["headers"], parts);
        return new RequestSchemas(Schema("body"), Schema("query"), Schema("headers"), Schema("params"));

        JsonSchema? Schema(string part) => parts[part] is { } source ? SchemaReader.Read(source, $"trigger.config.request.{part}", problems) : null;
    }

    // The trigger's header names are lowercase, so a name with a capital letter would be missing in every request.
    private static void RefuseCapitals(SourceNode? headers, Fields fields)
    {
        if (headers is not SourceNode.Object schema)
        {
            return;
        }

        var named = (schema["properties"] as SourceNode.Object)?.Members.Select(member => (member.Name, At: member.NameAt)) ?? [];
        var required = (schema["required"] as SourceNode.Array)?.Items.OfType<SourceNode.Text>().Select(text => (Name: text.Value, text.At)) ?? [];
        foreach (var (name, at) in named.Concat(required).Where(header => header.Name.Any(char.IsAsciiLetterUpper)))
        {
            fields.Note("header-case", $"Header names are in lower case. Write '{name.ToLowerInvariant()}'.", "headers", at);
        }
    }
}
