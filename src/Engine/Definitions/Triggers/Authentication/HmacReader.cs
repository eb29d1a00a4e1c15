using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>Reads <c>auth</c> of type <c>hmac</c>.</summary>
internal static class HmacReader
{
    public static readonly ImmutableArray<string> Known =
        ["secret", "secret_encoding", "header", "algorithm", "encoding", "prefix", "signed", "timestamp_header", "tolerance"];

    public static HmacAuth? Read(Fields fields)
    {
        fields.Require("header", "the header that the signature comes in, such as X-Signature");
        var keys = AuthReader.Secrets(fields);
        var signed = Signed(fields);
        var timestamp = HeaderName.Read(fields, "timestamp_header");
        Check(fields, signed, timestamp);
        var auth = new HmacAuth(HeaderName.Read(fields, "header") ?? "", keys)
        {
            Algorithm = fields.Word("algorithm", ["sha256", "sha1", "sha384", "sha512"]) ?? "sha256",
            Encoding = fields.Word("encoding", ["hex", "base64", "base64url"]) ?? "hex",
            KeyEncoding = fields.Word("secret_encoding", ["text", "hex", "base64"]) ?? "text",
            Prefix = fields.Text("prefix")?.Value ?? "",
            Signed = signed,
            TimestampHeader = timestamp,
            Tolerance = AuthReader.Tolerance(fields),
        };
        return auth.Header.Length == 0 ? null : auth;
    }

    private static SignedText Signed(Fields fields)
    {
        if (fields.Text("signed") is not { } text)
        {
            return SignedText.BodyAlone;
        }

        var (signed, wrong) = SignedText.Parse(text.Value);
        if (wrong is not null)
        {
            fields.Note("bad-signed", wrong, "signed", text.At);
        }

        return signed ?? SignedText.BodyAlone;
    }

    // A time proves something only where it is signed, and can be signed only where it is sent.
    private static void Check(Fields fields, SignedText signed, string? timestamp)
    {
        var isSigned = signed.Has(SignedPartKind.Timestamp);
        if (isSigned && fields["timestamp_header"] is null)
        {
            fields.Note("missing-field", "'signed' holds {timestamp}, so 'timestamp_header' says which header it comes in.", "timestamp_header", fields["signed"]!.At);
        }
        else if (timestamp is not null && !isSigned)
        {
            fields.Note("bad-signed", "A timestamp that is not signed proves nothing; put {timestamp} into 'signed', such as \"{timestamp}.{body}\".", "timestamp_header", fields["timestamp_header"]!.At);
        }

        if (fields["tolerance"] is { } tolerance && fields["timestamp_header"] is null)
        {
            fields.Note("missing-field", "'tolerance' is held against a time; 'timestamp_header' says which header it comes in.", "tolerance", tolerance.At);
        }
    }
}
