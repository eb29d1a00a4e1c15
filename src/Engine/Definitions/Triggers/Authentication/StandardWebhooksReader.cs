using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>Reads <c>auth</c> of type <c>standard_webhooks</c>.</summary>
internal static class StandardWebhooksReader
{
    private const string PublicPrefix = "whpk_";
    private const int KeyBytes = 32;

    public static StandardWebhooksAuth Read(Fields fields)
    {
        if (fields["public_key"] is null)
        {
            fields.Require("secret", "name one as \"{{ secrets.NAME }}\" (whsec_…), or give the sender's 'public_key' (whpk_…)");
        }

        var keys = fields["secret"] is null ? [] : SecretReader.Read(fields, "secret");
        var publicKeys = fields["public_key"] is null ? [] : fields.OneOrMany("public_key", "one public key");
        return new StandardWebhooksAuth(keys, [.. publicKeys.Select(key => PublicKey(fields, key)).OfType<byte[]>()], AuthReader.Tolerance(fields));
    }

    // A public key is no secret: it stands in the text.
    private static byte[]? PublicKey(Fields fields, SourceNode node)
    {
        var key = new byte[KeyBytes];
        if (node is SourceNode.Text text
            && text.Value.StartsWith(PublicPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text.Value[PublicPrefix.Length..], key, out var length)
            && length == KeyBytes)
        {
            return key;
        }

        fields.Note("bad-key", $"A public key is {PublicPrefix} and {KeyBytes} bytes in base64.", "public_key", node.At);
        return null;
    }
}
