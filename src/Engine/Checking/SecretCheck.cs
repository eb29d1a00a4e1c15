using Sluice.Engine.Text;

namespace Sluice.Engine.Checking;

/// <summary>Holds the secrets that expressions read against those there are.</summary>
internal static class SecretCheck
{
    /// <summary>What is wrong, a message and a place each; nothing where <paramref name="known"/> is null: then the secrets are not to be checked.</summary>
    /// <param name="names">The names that are read.</param>
    /// <param name="known">The names of all secrets there are.</param>
    /// <param name="source">What was written, to find the place of a name in.</param>
    public static IEnumerable<(string Message, Position At)> Missing(
        IEnumerable<string> names, IReadOnlyCollection<string>? known, SourceNode source)
    {
        if (known is null)
        {
            yield break;
        }

        foreach (var name in names.Where(name => !known.Contains(name)).Distinct())
        {
            var place = source.Texts().FirstOrDefault(text => text.Value.Contains($"secrets.{name}", StringComparison.Ordinal)) ?? source;
            yield return (Message(name, known), place.At);
        }
    }

    private static string Message(string name, IEnumerable<string> known) =>
        $"There is no secret '{name}'.{DidYouMean.Hint(name, known)} Set SLUICE_SECRET_{name.ToUpperInvariant()}, or put a file of that name into the secrets folder.";
}
