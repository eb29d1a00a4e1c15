using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Engine.Plugins.Locking;

/// <summary>
/// The content of <c>plugins.lock.json</c>: the plugins that belong in a plugins directory, each with the hash of its content.
/// </summary>
internal sealed record LockFile
{
    public const string FileName = "plugins.lock.json";

    private const int Format = 1;

    /// <summary>The format of the file.</summary>
    public int Version { get; init; } = Format;

    /// <summary>The entries, one per plugin, sorted by name.</summary>
    public required ImmutableArray<LockEntry> Plugins { get; init; }

    public static LockFile Empty { get; } = new() { Plugins = [] };

    public LockEntry? Find(string name) => Plugins.FirstOrDefault(entry => entry.Name == name);

    public LockFile With(LockEntry entry) =>
        this with { Plugins = [.. Plugins.Where(other => other.Name != entry.Name).Append(entry).OrderBy(other => other.Name, StringComparer.Ordinal)] };

    public LockFile Without(string name) => this with { Plugins = [.. Plugins.Where(entry => entry.Name != name)] };

    /// <summary>Reads the file of a plugins directory; null if there is none.</summary>
    /// <exception cref="LockFileException">It can't be read, or is not a lock file.</exception>
    public static LockFile? Read(string pluginsDirectory)
    {
        var path = Path.Combine(pluginsDirectory, FileName);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), LockJson.Readable.LockFile)
                ?? throw new JsonException("It is null.");
            return file switch
            {
                { Version: not Format } => throw new JsonException($"Its version is {file.Version}, and this host knows version {Format}."),
                { Plugins.IsDefault: true } => throw new JsonException("'plugins' is missing."),
                _ => file,
            };
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new LockFileException(
                $"The lock file {path} can't be read: {exception.Message} Restore it, or remove it and run `sluice plugins lock` to lock what is there now.", exception);
        }
    }

    /// <summary>Writes the file of a plugins directory atomically: readers see the old file or the new one.</summary>
    public void Write(string pluginsDirectory)
    {
        var path = Path.Combine(pluginsDirectory, FileName);
        var incoming = Path.Combine(pluginsDirectory, $".{FileName}.{Guid.NewGuid():N}");
        try
        {
            using (var file = new FileStream(incoming, FileMode.CreateNew))
            {
                JsonSerializer.Serialize(file, this, LockJson.Readable.LockFile);
                file.Flush(flushToDisk: true);
            }

            File.Move(incoming, path, overwrite: true);
        }
        finally
        {
            File.Delete(incoming);
        }
    }
}

/// <summary>The entry of one plugin.</summary>
internal sealed record LockEntry
{
    /// <summary>The name of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>The package it came from; null if it came from a zip file or was copied by hand.</summary>
    public string? Package { get; init; }

    /// <summary>The version of the package, otherwise of the entry assembly.</summary>
    public required string Version { get; init; }

    /// <summary>The feed or file it came from; null if it was copied by hand.</summary>
    public string? Source { get; init; }

    /// <summary>The hash of the folder's content, as the host shows it.</summary>
    public required string Hash { get; init; }

    /// <summary>The SHA-256 fingerprint of the certificate that signed the package; null if it is not signed.</summary>
    public string? Signer { get; init; }
}

/// <summary>Thrown if the lock file can't be used. The message says where and how to fix it.</summary>
internal sealed class LockFileException(string message, Exception cause) : Exception(message, cause);

/// <summary>The JSON of the lock file: indented and without nulls, for people and for version control.</summary>
[JsonSerializable(typeof(LockFile))]
internal sealed partial class LockJson : JsonSerializerContext
{
    public static LockJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        WriteIndented = true,
    });
}
