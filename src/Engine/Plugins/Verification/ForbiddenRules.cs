using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>
/// Detects what keeps a plugin in the host's memory forever once it has run, so that it can't be swapped: static caches of types, each of
/// them measured.
/// </summary>
/// <remarks>
/// Checks types and methods only of the entry assembly: a library such as MailKit refers to some of them and never calls them.
/// </remarks>
internal static class ForbiddenRules
{
    private const string TypeRule = "pins-memory";
    private const string CopyRule = "pins-memory-copy";
    private const string UseRecords = "Use System.Text.Json with a source-generated JsonSerializerContext.";

    public static ImmutableArray<FolderRule> All { get; } =
    [
        new("needs-process", folder => folder.Entry!.NeedsProcess ? $"The author of {folder.EntryName} declares that it runs only in a separate process." : null),
        UsesType("System.ComponentModel.TypeDescriptor", "Convert values by Parse and ToString."),
        UsesType("System.ComponentModel.DataAnnotations.Validator", "Override Check, or validate with FluentValidation."),
        UsesType("Microsoft.CSharp.RuntimeBinder.Binder", "Write types in place of 'dynamic'; for JSON of any shape, JsonElement or JsonNode."),
        UsesType("System.Reflection.DispatchProxy", "Write the class by hand."),
        UsesType("System.Xml.Serialization.XmlSerializer", "Read and write XML with XDocument or XmlReader."),
        UsesType("System.Runtime.Serialization.DataContractSerializer", UseRecords),
        UsesMethod("System.Linq.Expressions.Expression`1::Compile/1", "Call Compile() without preferInterpretation."),
        UsesMethod("System.Linq.Expressions.LambdaExpression::Compile/1", "Call Compile() without preferInterpretation."),
        UsesAssembly("Newtonsoft.Json", UseRecords),
        HoldsCopy("Newtonsoft.Json.dll", UseRecords + " If a package brings it in, choose another package."),
        HoldsCopy("Polly.Core.dll", "Return a retryable NodeFailure and let the host retry."),
        HoldsCopy("Polly.dll", "Return a retryable NodeFailure and let the host retry."),
    ];

    private static FolderRule UsesType(string type, string cure) =>
        new(TypeRule, folder => folder.Entry!.UsedTypes.Contains(type) ? Uses(folder, type, cure) : null);

    private static FolderRule UsesMethod(string method, string cure) =>
        new(TypeRule, folder => folder.Entry!.UsedMethods.Contains(method) ? Uses(folder, method.Split('/')[0], cure) : null);

    private static FolderRule UsesAssembly(string assembly, string cure) =>
        new(TypeRule, folder => folder.Entry!.References.ContainsKey(assembly) ? Uses(folder, assembly, cure) : null);

    private static FolderRule HoldsCopy(string file, string cure) =>
        new(CopyRule, folder => folder.Files.Contains(file, StringComparer.OrdinalIgnoreCase)
            ? $"The folder holds {file}, which keeps a plugin in memory forever. {cure}"
            : null);

    private static string Uses(PluginFolder folder, string what, string cure) =>
        $"{folder.EntryName} uses {what}, which keeps a plugin in memory forever. {cure}";
}
