using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>
/// Reads references to the secrets of a trigger. A literal secret is rejected: it would be stored and shown with every version of the
/// workflow.
/// </summary>
internal static partial class SecretReader
{
    // Each secret costs one signature check per rejected request.
    private const int MostAtOnce = 8;

    /// <summary>Reads the secrets of the required field <c>secret</c>.</summary>
    public static ImmutableArray<SecretName> ReadRequired(Fields fields)
    {
        fields.Require("secret", "name one as \"{{ secrets.NAME }}\", or a list of them while you rotate");
        return Read(fields, "secret");
    }

    /// <summary>Reads the secrets that a field names, and reports problems.</summary>
    public static ImmutableArray<SecretName> Read(Fields fields, string name)
    {
        var found = ImmutableArray.CreateBuilder<SecretName>();
        foreach (var item in fields.OneOrMany(name, "one secret"))
        {
            if (item is SourceNode.Text text && Pattern.Match(text.Value) is { Success: true } match)
            {
                found.Add(new SecretName(match.Groups[1].Value, fields.PathOf(name), item));
            }
            else
            {
                fields.Note(
                    "literal-secret",
                    "A workflow must not contain the value of a secret. Write \"{{ secrets.NAME }}\", and give the host SLUICE_SECRET_NAME.",
                    name,
                    item.At);
            }
        }

        if (found.Count > MostAtOnce)
        {
            fields.Note("too-many", $"At most {MostAtOnce} secrets are live at the same time; remove the oldest.", name, fields[name]!.At);
        }

        return found.DrainToImmutable();
    }

    [GeneratedRegex(@"^\s*\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}\s*\z")]
    private static partial Regex Pattern { get; }
}
