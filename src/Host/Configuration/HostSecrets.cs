using System.Collections;
using Sluice.Engine.Files;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Configuration;

/// <summary>The secrets of the environment (<c>SLUICE_SECRET_NAME</c>) and of the secrets folder; a file overrides a variable.</summary>
internal static class HostSecrets
{
    private const string Prefix = "SLUICE_SECRET_";
    private const int LongestSecret = 1024 * 1024;

    /// <summary>Reads both sources once. Names become lower case.</summary>
    public static SecretValues Read(IDictionary environment, string? directory)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in environment)
        {
            if (entry.Key is string name && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && entry.Value is string value)
            {
                values[name[Prefix.Length..].ToLowerInvariant()] = value;
            }
        }

        foreach (var (name, value) in string.IsNullOrEmpty(directory) ? [] : ReadFolder(directory))
        {
            values[name] = value;
        }

        return new SecretValues(values);
    }

    private static IEnumerable<(string Name, string Value)> ReadFolder(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new ConfigurationException($"The secrets folder {Path.GetFullPath(directory)} does not exist. Create it or correct Secrets:Directory.");
        }

        foreach (var file in Files(directory))
        {
            // Editors and `echo` add a line end that is not part of the secret.
            yield return (Path.GetFileName(file).ToLowerInvariant(), Read(file).TrimStart('\uFEFF').TrimEnd('\r', '\n'));
        }
    }

    private static string[] Files(string directory)
    {
        try
        {
            return Directory.GetFiles(directory);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The secrets folder {directory} can't be read: {denied.Message} Give this user read access.", denied);
        }
    }

    private static string Read(string file)
    {
        try
        {
            return FileText.Decode(FileText.ReadRegular(file, LongestSecret));
        }
        catch (UnfitFileException unfit)
        {
            throw new ConfigurationException($"The secret {file} can't be used: {unfit.Message}. Remove it or replace it with a text file (Base64 for bytes).", unfit);
        }
    }
}
