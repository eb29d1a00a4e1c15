using System.Collections.Immutable;
using NuGet.Versioning;

namespace Sluice.Packages;

/// <summary>
/// Resolves the transitive dependencies of a package: of each the lowest version that satisfies all dependents, as `dotnet restore` does.
/// Omits what the host provides.
/// </summary>
internal sealed class ClosureResolver(PackageFeeds feeds, PackageStore store, HostShare host)
{
    /// <summary>Returns the package itself first, then the others by id.</summary>
    public async Task<ImmutableArray<Package>> ResolveAsync(Package root, CancellationToken cancellationToken)
    {
        var chosen = new Dictionary<string, Package>(StringComparer.OrdinalIgnoreCase) { [root.Id] = root };
        var demands = Demands(root, chosen);
        // A version is only ever raised, so this terminates.
        while (await RaiseAsync(chosen, demands, cancellationToken))
        {
            demands = Demands(root, chosen);
        }

        return [root, .. demands.Keys.Where(id => !id.Equals(root.Id, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase).Select(id => chosen[id])];
    }

    private async Task<bool> RaiseAsync(Dictionary<string, Package> chosen, SortedDictionary<string, List<Demand>> demands, CancellationToken cancellationToken)
    {
        var raised = false;
        foreach (var (id, asked) in demands)
        {
            var current = chosen.GetValueOrDefault(id);
            if (current is not null && asked.All(demand => demand.Range.Satisfies(current.Version)))
            {
                continue;
            }

            var found = await feeds.FindAsync(id, cancellationToken)
                ?? throw new PackageException("unknown-package", $"There is no package {id}, which {asked[0].By} needs, on {feeds.Names}. Name a feed that has it with --source.");
            var version = Lowest(found.Versions, current?.Version, asked) ?? throw Conflict(found, asked);
            chosen[id] = await store.GetAsync(found, version, cancellationToken);
            raised = true;
        }

        return raised;
    }

    // The demands of the chosen packages on each other, from the root. Packages without a demand are dropped.
    private SortedDictionary<string, List<Demand>> Demands(Package root, Dictionary<string, Package> chosen)
    {
        var demands = new SortedDictionary<string, List<Demand>>(StringComparer.OrdinalIgnoreCase);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { root.Id };
        var waiting = new Queue<Package>([root]);
        while (waiting.TryDequeue(out var package))
        {
            foreach (var dependency in package.Dependencies.Where(dependency => !IsOfHost(dependency.Id, dependency.VersionRange, package)))
            {
                if (!demands.TryGetValue(dependency.Id, out var asked))
                {
                    demands[dependency.Id] = asked = [];
                }

                asked.Add(new Demand(package.Label, dependency.VersionRange));
                if (chosen.TryGetValue(dependency.Id, out var next) && seen.Add(dependency.Id))
                {
                    waiting.Enqueue(next);
                }
            }
        }

        return demands;
    }

    private bool IsOfHost(string id, VersionRange range, Package dependent) => host.Has(id, range.MinVersion?.Version ?? new Version(0, 0), dependent.Label);

    private static NuGetVersion? Lowest(ImmutableArray<NuGetVersion> versions, NuGetVersion? atLeast, List<Demand> asked)
    {
        var fitting = versions.Where(version => (atLeast is null || version >= atLeast) && asked.All(demand => demand.Range.Satisfies(version))).ToArray();
        var wantsPrerelease = asked.Any(demand => demand.Range.MinVersion is { IsPrerelease: true });
        return fitting.FirstOrDefault(version => wantsPrerelease || !version.IsPrerelease) ?? fitting.FirstOrDefault();
    }

    private static PackageException Conflict(FoundPackage found, List<Demand> asked)
    {
        var wishes = string.Join(", ", asked.Select(demand => $"{demand.By} needs {found.Id} {demand.Range.PrettyPrint()}"));
        return new PackageException(
            "conflict", $"{wishes}: no version fits ({PackageChoice.Newest(found.Versions)} on {found.Source}). Install another version of the plugin, or name another feed with --source.");
    }

    private sealed record Demand(string By, VersionRange Range);
}
