using Microsoft.IdentityModel.Tokens;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Where the keys of tokens come from.</summary>
internal interface IKeySource
{
    /// <summary>The keys that a token may have been signed with.</summary>
    /// <param name="kid">The key that it names; null where it names none.</param>
    /// <param name="algorithm">Its algorithm: <c>RS256</c>.</param>
    /// <param name="cancellationToken">Ends the wait, not the loading.</param>
    ValueTask<FoundKeys> FindAsync(string? kid, string algorithm, CancellationToken cancellationToken);
}

/// <summary>The keys for a token, or why none is available.</summary>
internal sealed record FoundKeys(IReadOnlyList<SecurityKey> Keys, Refused? Unavailable = null);

/// <summary>Shared keys, which have no names. One that is shorter than the hash is not used (RFC 7518, section 3.2).</summary>
internal sealed class SharedKeys(SecretBytes secrets) : IKeySource
{
    private static readonly Refused TooShort = new(
        RefusalReason.NotVerifiable, "All secrets are too short for the token's algorithm: HS256 needs 32 bytes, HS384 48, HS512 64.");

    public ValueTask<FoundKeys> FindAsync(string? kid, string algorithm, CancellationToken cancellationToken)
    {
        var least = algorithm switch { "HS512" => 64, "HS384" => 48, _ => 32 };
        var found = secrets.Values.Where(secret => secret.Bytes.Length >= least).Select(secret => new SymmetricSecurityKey(secret.Bytes)).ToList();
        return new(new FoundKeys(found, secrets.RefuseIfNone() ?? (found.Count == 0 ? TooShort : null)));
    }
}
