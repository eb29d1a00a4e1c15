using System.Collections.Immutable;
using Microsoft.IdentityModel.Tokens;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Tokens;

/// <summary>The source of the keys of tokens.</summary>
internal interface IKeySource
{
    /// <summary>Gets the keys that a token may have been signed with.</summary>
    /// <param name="kid">The key ID in the token; null if absent.</param>
    /// <param name="algorithm">Its algorithm: <c>RS256</c>.</param>
    /// <param name="cancellationToken">Cancels the wait, but not the loading.</param>
    ValueTask<FoundKeys> FindAsync(string? kid, string algorithm, CancellationToken cancellationToken);
}

/// <summary>The keys for a token, or why none is available.</summary>
internal sealed record FoundKeys(IReadOnlyList<SecurityKey> Keys, Refused? Unavailable = null);

/// <summary>Shared keys, which have no IDs. A key shorter than the hash is not used (RFC 7518, section 3.2).</summary>
/// <param name="secrets">The keys.</param>
/// <param name="algorithms">The algorithms that the workflow accepts.</param>
internal sealed class SharedKeys(SecretBytes secrets, ImmutableArray<string> algorithms) : IKeySource
{
    private static readonly Refused TooShort = new(
        RejectionReason.NotVerifiable, "All secrets are too short for the algorithms of the workflow: HS256 needs 32 bytes, HS384 48, HS512 64.");

    // The sender chooses the algorithm. If the secrets are too short only for this one, the token is at fault.
    private readonly Refused? _unavailable = secrets.RefuseIfNone() ?? (algorithms.Any(algorithm => secrets.Values.Any(secret => IsLongEnough(secret.Bytes, algorithm))) ? null : TooShort);

    public ValueTask<FoundKeys> FindAsync(string? kid, string algorithm, CancellationToken cancellationToken)
    {
        var found = secrets.Values.Where(secret => IsLongEnough(secret.Bytes, algorithm)).Select(secret => new SymmetricSecurityKey(secret.Bytes)).ToList();
        return new(new FoundKeys(found, _unavailable));
    }

    private static bool IsLongEnough(byte[] secret, string algorithm) => secret.Length >= (algorithm switch { "HS512" => 64, "HS384" => 48, _ => 32 });
}
