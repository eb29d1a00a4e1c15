using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Reads <c>auth</c> of the types <c>hmac</c> and <c>signature</c>, which differ only in the key.</summary>
internal static class SignatureReader
{
    /// <summary>The fields that both types have, in addition to those of the key.</summary>
    public static readonly ImmutableArray<string> Known =
        ["header", "algorithm", "encoding", "prefix", "pattern", "signed", "timestamp_header", "time_format", "tolerance"];

    /// <summary>Adds the common settings; null if there is no header to check.</summary>
    public static SignatureAuth? Complete(Fields fields, SignatureAuth auth)
    {
        var timestamp = HeaderField.Read(fields, "timestamp_header");
        var pattern = Pattern(fields);
        var format = fields.Word("time_format", ["unix", "seconds", "milliseconds", "iso8601"]) switch
        {
            "seconds" => TimeFormat.Seconds,
            "milliseconds" => TimeFormat.Milliseconds,
            "iso8601" => TimeFormat.Iso8601,
            _ => TimeFormat.Unix,
        };
        var signed = Signed(fields, format);
        CheckTime(fields, signed, timestamp, pattern);
        var complete = auth with
        {
            Encoding = fields.Word("encoding", ["hex", "base64", "base64url"]) ?? "hex",
            Prefix = fields.Text("prefix")?.Value ?? "",
            Pattern = pattern,
            Signed = signed,
            TimestampHeader = timestamp,
            TimeFormat = format,
            Tolerance = Tolerance.Read(fields),
        };
        return complete.Header.Length == 0 ? null : complete;
    }

    private static SignaturePattern? Pattern(Fields fields)
    {
        if (fields.Text("pattern") is not { } text)
        {
            return null;
        }

        if (fields["prefix"] is { } prefix)
        {
            fields.Note("bad-pattern", "'pattern' already contains the text before the signature; remove 'prefix'.", "prefix", prefix.At);
        }

        var (pattern, wrong) = SignaturePattern.Parse(text.Value);
        if (wrong is not null)
        {
            fields.Note("bad-pattern", wrong, "pattern", text.At);
        }

        return pattern;
    }

    private static SignedText Signed(Fields fields, TimeFormat format)
    {
        if (fields.Text("signed") is not { } text)
        {
            return SignedText.BodyAlone;
        }

        var (signed, wrong) = SignedText.Parse(text.Value);
        if ((wrong ?? signed!.FindAmbiguity(format)) is { } problem)
        {
            fields.Note("bad-signed", problem, "signed", text.At);
        }

        return signed ?? SignedText.BodyAlone;
    }

    // A timestamp proves something only if it is signed, and can be signed only if it is sent.
    private static void CheckTime(Fields fields, SignedText signed, string? timestamp, SignaturePattern? pattern)
    {
        var isSigned = signed.Has(SignedPartKind.Timestamp);
        var isInPattern = pattern is { TimePrefix: not null };
        var isSent = fields["timestamp_header"] is not null || isInPattern;
        if (isSigned && !isSent)
        {
            fields.Note("missing-field", "'signed' contains {timestamp}; set 'timestamp_header' to the header that carries it.", "timestamp_header", fields["signed"]!.At);
        }
        else if ((timestamp is not null || isInPattern) && !isSigned)
        {
            var place = isInPattern ? "pattern" : "timestamp_header";
            fields.Note("bad-signed", "A timestamp that is not signed proves nothing; put {timestamp} into 'signed', such as \"{timestamp}.{body}\".", place, fields[place]!.At);
        }

        if (isInPattern && fields["timestamp_header"] is { } second)
        {
            fields.Note("bad-pattern", "'pattern' already contains the time; remove 'timestamp_header', or {timestamp} from the pattern.", "timestamp_header", second.At);
        }

        foreach (var name in (string[])["tolerance", "time_format"])
        {
            if (fields[name] is { } given && !isSent)
            {
                fields.Note("missing-field", $"'{name}' needs a timestamp; set 'timestamp_header' to the header that carries it.", name, given.At);
            }
        }
    }
}
