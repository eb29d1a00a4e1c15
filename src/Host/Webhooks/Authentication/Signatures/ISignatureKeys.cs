namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>The keys that a sender may have signed with.</summary>
internal interface ISignatureKeys
{
    /// <summary>The rejection if there is no usable key; otherwise null.</summary>
    Refused? RefuseIfNone();

    /// <summary>Gets the identity of the key that made one of the signatures of the concatenated parts; null if none did.</summary>
    string? Find(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures);
}
