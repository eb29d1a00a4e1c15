using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Sluice.Engine.Text;

namespace Sluice.Host.Configuration;

/// <summary>Knows the configuration keys of the host, derived from <see cref="SluiceOptions"/>, and reports unknown ones.</summary>
internal static class ConfigurationKeys
{
    private const string Prefix = "SLUICE__";

    // Likely misspellings of the prefix. A single underscore alone is not one: Kubernetes sets SLUICE_PORT for a service named sluice.
    private const string ShortPrefix = "SLUICE_";

    // Read by libraries, which may or may not check them.
    private static readonly ImmutableArray<string> OfLibraries = ["Serilog", "Logging", "AllowedHosts"];

    private static readonly ImmutableArray<string> All = [.. KeysOf(typeof(SluiceOptions), "")];

    /// <summary>Reports problems with the environment variables that are meant for the host.</summary>
    public static IEnumerable<string> WrongVariables(IDictionary environment)
    {
        foreach (var name in environment.Keys.OfType<string>().Order(StringComparer.Ordinal))
        {
            var value = environment[name] as string;
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                if (Wrong(KeyOf(name[Prefix.Length..]), value) is { } wrong)
                {
                    yield return $"{name} {wrong.What}{Hint(wrong.Closest, VariableOf)}";
                }
            }
            else if (name.StartsWith(ShortPrefix, StringComparison.OrdinalIgnoreCase) && KeyOf(name[ShortPrefix.Length..]) is var key && Wrong(key, value) is null)
            {
                yield return $"{name} is not read.{Hint(key, VariableOf)}";
            }
        }
    }

    /// <summary>Reports problems with the keys of a file or of the command line.</summary>
    /// <param name="settings">The keys without keys below them, and their values.</param>
    /// <param name="source">The source of the keys, for messages.</param>
    public static IEnumerable<string> WrongKeys(IEnumerable<KeyValuePair<string, string?>> settings, string source)
    {
        foreach (var (key, value) in settings)
        {
            if (Wrong(key, value) is { } wrong)
            {
                yield return $"{key} in {source} {wrong.What}{Hint(wrong.Closest, name => name)}";
            }
        }
    }

    private static string KeyOf(string variable) => variable.Replace("__", ":", StringComparison.Ordinal);

    private static string VariableOf(string key) => Prefix + key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    private static string Hint(string? key, Func<string, string> spell) => key is null ? "" : $" Did you mean {spell(key)}?";

    // Null if the key is known. An empty list or group in a file is a key without a value.
    private static (string What, string? Closest)? Wrong(string key, string? value)
    {
        var segments = key.Split(':');
        if (OfLibraries.Contains(segments[0], StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var type = typeof(SluiceOptions);
        for (var at = 0; at < segments.Length; at++)
        {
            if (IsMap(type))
            {
                return at == segments.Length - 1 ? null : Unknown(key);
            }

            if (type.IsArray)
            {
                return at == segments.Length - 1 && int.TryParse(segments[at], NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null : ("is an item of a list, and takes a number.", null);
            }

            if (IsValue(type) || Member(type, segments[at]) is not { } member)
            {
                return Unknown(key);
            }

            type = member.PropertyType;
        }

        return IsValue(type) || string.IsNullOrEmpty(value) ? null
            : type.IsArray ? ("is a list; write one key for each item, with its number at the end.", $"{key}:0")
            : ("is a group of settings and takes no value.", All.FirstOrDefault(known => known.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)));
    }

    private static (string What, string? Closest) Unknown(string key)
    {
        // Compare the whole key first, then look for a correct name in the wrong place.
        var closest = DidYouMean.Closest(key, All) ?? All.FirstOrDefault(known => string.Equals(Last(known), Last(key), StringComparison.OrdinalIgnoreCase));
        return ("is no setting of Sluice.", closest);
    }

    private static string Last(string key) => key[(key.LastIndexOf(':') + 1)..];

    private static IEnumerable<string> KeysOf(Type type, string prefix)
    {
        foreach (var member in type.GetProperties())
        {
            var key = prefix + member.Name;
            IEnumerable<string> keys = member.PropertyType.IsArray ? [$"{key}:0"]
                : IsMap(member.PropertyType) || IsValue(member.PropertyType) ? [key]
                : KeysOf(member.PropertyType, $"{key}:");
            foreach (var inner in keys)
            {
                yield return inner;
            }
        }
    }

    private static PropertyInfo? Member(Type type, string name) =>
        type.GetProperties().FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase));

    private static bool IsMap(Type type) => type.IsAssignableTo(typeof(IDictionary));

    private static bool IsValue(Type type) => type == typeof(string) || type.IsValueType;
}
