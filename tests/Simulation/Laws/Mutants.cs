using System.Text;
using System.Text.Json.Nodes;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation.Laws;

/// <summary>Stores that take a cure of the engine out: what a host reads back lacks what the cure had written.</summary>
internal static class Mutants
{
    /// <summary>A stored output says that a secret was masked, and not which one: the step has to run again.</summary>
    public static readonly Mutant NoSecretReferences = (record, _) => Edit(record, entry => entry.Remove("secrets"));

    /// <summary>A stored output has <c>***</c> in place of a secret, and does not say so.</summary>
    public static readonly Mutant RedactedSecrets = (record, _) => Edit(record, entry => entry.Remove("secrets") | entry.Remove("masked"));

    /// <summary>The time and the UUIDs of a config derive from the present, not from the first start of the step.</summary>
    public static readonly Mutant MomentsAnew = (record, now) => Edit(record, entry => Set(entry, "step_started", "at", now) | Set(entry, "step", "started_at", now));

    /// <summary>What Sluice did before both cures: a step whose output held a secret runs again, and evaluates to something else.</summary>
    public static readonly Mutant NoSecretReferencesAndMomentsAnew = (record, now) =>
        NoSecretReferences(record, now) is { } without ? MomentsAnew(without, now) : null;

    /// <summary>Nobody remembers that a host died with the run, so no run is ever quarantined.</summary>
    public static readonly Mutant NoDeaths = (record, _) => IsOfKind(record, "interrupted") ? null : record;

    /// <summary>Nobody remembers that a step began.</summary>
    public static readonly Mutant NoStarts = (record, _) => IsOfKind(record, "step_started") ? null : record;

    /// <summary>Nobody remembers how a step ended.</summary>
    public static readonly Mutant NoEnds = (record, _) => IsOfKind(record, "step") ? null : record;

    /// <summary>Nobody remembers that the run has replied.</summary>
    public static readonly Mutant NoReplies = (record, _) => IsOfKind(record, "reply") ? null : record;

    private static bool IsOfKind(byte[] record, string kind) => record.AsSpan().StartsWith(Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}","""));

    private static bool Set(JsonObject entry, string kind, string member, DateTimeOffset now)
    {
        if (entry["kind"]!.GetValue<string>() != kind)
        {
            return false;
        }

        entry[member] = now;
        return true;
    }

    private static byte[] Edit(byte[] record, Func<JsonObject, bool> edit)
    {
        var entry = JsonNode.Parse(record)!.AsObject();
        return edit(entry) ? Encoding.UTF8.GetBytes($"{entry.ToJsonString()}\n") : record;
    }
}
