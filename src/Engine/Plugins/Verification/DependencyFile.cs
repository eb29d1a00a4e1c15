using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>
/// A <c>.deps.json</c>, read as strictly as the runtime's own reader needs it: that one trusts the file, and a member that it misses ends the
/// process (measured: .NET 10.0.12, <c>runtimeTarget</c> missing).
/// </summary>
/// <param name="Assemblies">The assemblies that the plugin runs with, as the file names them: by their path in the package they come from.</param>
/// <remarks>By hand and not by a serializer, which cost the host's start 50 ms more of processor time.</remarks>
internal sealed record DependencyFile(ImmutableArray<string> Assemblies)
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file; the problem where it is not what it should be.</summary>
    public static (DependencyFile? File, string? Problem) Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), _strict);
            return (Read(document.RootElement), null);
        }
        catch (JsonException exception)
        {
            return (null, exception.Message);
        }
    }

    private static DependencyFile Read(JsonElement root)
    {
        Expect(root, "the file", JsonValueKind.Object);
        var assemblies = ImmutableArray.CreateBuilder<string>();
        foreach (var package in TargetOf(root).EnumerateObject())
        {
            Expect(package.Value, package.Name, JsonValueKind.Object);
            assemblies.AddRange(AssetsOf(package.Value, "runtime").Select(asset => asset.Name));
            _ = AssetsOf(package.Value, "resources");
            _ = AssetsOf(package.Value, "native");
            foreach (var asset in AssetsOf(package.Value, "runtimeTargets"))
            {
                Member(asset.Value, "rid", JsonValueKind.String);
                Member(asset.Value, "assetType", JsonValueKind.String);
            }
        }

        foreach (var library in Member(root, "libraries", JsonValueKind.Object).EnumerateObject())
        {
            Expect(library.Value, library.Name, JsonValueKind.Object);
            Member(library.Value, "type", JsonValueKind.String);
            Member(library.Value, "serviceable", JsonValueKind.True, JsonValueKind.False);
        }

        return new DependencyFile(assemblies.ToImmutable());
    }

    private static JsonElement TargetOf(JsonElement root)
    {
        var name = Member(Member(root, "runtimeTarget", JsonValueKind.Object), "name", JsonValueKind.String).GetString()!;
        return Member(Member(root, "targets", JsonValueKind.Object), name, JsonValueKind.Object);
    }

    private static List<JsonProperty> AssetsOf(JsonElement package, string kind)
    {
        if (!package.TryGetProperty(kind, out var assets))
        {
            return [];
        }

        Expect(assets, kind, JsonValueKind.Object);
        List<JsonProperty> found = [.. assets.EnumerateObject()];
        foreach (var asset in found)
        {
            Expect(asset.Value, asset.Name, JsonValueKind.Object);
        }

        return found;
    }

    private static JsonElement Member(JsonElement parent, string name, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (!parent.TryGetProperty(name, out var member))
        {
            throw new JsonException($"'{name}' is missing.");
        }

        Expect(member, name, kinds);
        return member;
    }

    private static void Expect(JsonElement element, string name, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (!kinds.Contains(element.ValueKind))
        {
            throw new JsonException($"'{name}' is {element.ValueKind}.");
        }
    }
}
