using System.Buffers.Text;
using System.Text;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>Encodes and decodes base64 (RFC 4648, sections 4 and 5).</summary>
internal static class Base64Text
{
    public static Scalar Encode(CallArguments arguments)
    {
        var bytes = Encoding.UTF8.GetBytes(arguments.Text(0, "text"));
        return Scalar.Of(arguments.TextOr(1, "encoding", "base64") switch
        {
            "base64" => Convert.ToBase64String(bytes),
            "base64url" => Base64Url.EncodeToString(bytes),
            var other => throw arguments.Fault($"there is no encoding {arguments.Quote(other)}; use base64 or base64url"),
        });
    }

    public static Scalar Decode(CallArguments arguments)
    {
        try
        {
            return Scalar.Of(Encoding.UTF8.GetString(Bytes(arguments.Text(0, "text"))));
        }
        catch (FormatException exception)
        {
            throw arguments.Fault("the text is not base64", exception);
        }
    }

    /// <summary>Decodes either alphabet, with or without padding.</summary>
    /// <exception cref="FormatException"/>
    public static byte[] Bytes(string text) => Base64Url.DecodeFromChars(text.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_'));
}
