using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>
/// A <c>.deps.json</c>, parsed as strictly as the runtime's own reader requires: that reader trusts the file, and a missing member crashes
/// the process (measured on .NET 10.0.12 with <c>runtimeTarget</c> missing).
/// </summary>
/// <param name="Assemblies">The assemblies that the plugin runs with, by their paths in the packages they come from, as in the
/// file.</param>
/// <remarks>Parsed by hand and not by a serializer, which added 50 ms of processor time to the host's start.</remarks>
internal sealed record DependencyFile(ImmutableArray<string> Assemblies)
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file; returns a problem if it is invalid.</summary>
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
