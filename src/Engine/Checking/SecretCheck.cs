using Sluice.Engine.Text;

namespace Sluice.Engine.Checking;

/// <summary>Checks that the secrets that expressions read exist.</summary>
internal static class SecretCheck
{
    /// <summary>
    /// Returns a message and a position for each missing secret; none if <paramref name="known"/> is null, which disables the check.
    /// </summary>
    /// <param name="names">The names that expressions read.</param>
    /// <param name="known">The names of all secrets.</param>
    /// <param name="source">The source, to find the position of a name.</param>
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
