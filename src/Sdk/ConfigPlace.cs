namespace Sluice.Sdk;

/// <summary>Finds the innermost field of a config that contains all of its problems.</summary>
internal static class ConfigPlace
{
    /// <summary>The path of that field; empty for the config as a whole.</summary>
    public static string Of(IReadOnlyList<ConfigProblem> problems) => problems.Select(problem => problem.Path).DefaultIfEmpty("").Aggregate(Shared);

    private static string Shared(string first, string second)
    {
        var same = first.AsSpan().CommonPrefixLength(second);
        while (same > 0 && !(IsEdge(first, same) && IsEdge(second, same)))
        {
            same--;
        }

        return first[..same];
    }

    // A common prefix of two names is not a field.
    private static bool IsEdge(string path, int at) => at == path.Length || path[at] is '.' or '[';
}
