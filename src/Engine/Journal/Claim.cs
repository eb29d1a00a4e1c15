namespace Sluice.Engine.Journal;

/// <summary>A run's claim to a key: while it lasts, no other run may have the same one. Written together with the run, in one commit.</summary>
/// <param name="Key">SHA-256 over the workflow and the key of the delivery.</param>
/// <param name="Fingerprint">SHA-256 over what was delivered under the key.</param>
/// <param name="ExpiresAt">When it ends. If the run has not ended by then, the claim ends with the run.</param>
internal sealed record Claim(byte[] Key, byte[] Fingerprint, DateTimeOffset ExpiresAt);

/// <summary>A claim that a run holds.</summary>
internal sealed record HeldClaim(RunId Run, byte[] Fingerprint)
{
    /// <summary>Whether the same was delivered.</summary>
    public bool Matches(Claim claim) => Fingerprint.AsSpan().SequenceEqual(claim.Fingerprint);
}
