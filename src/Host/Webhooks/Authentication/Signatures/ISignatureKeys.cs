namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>The keys that a sender may have signed with.</summary>
internal interface ISignatureKeys
{
    /// <summary>That there is none to verify with; null where there is.</summary>
    Refused? RefuseIfNone();

    /// <summary>The identity of the key that made one of the signatures over the parts, one after the other; null where none did.</summary>
    string? Find(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures);
}
