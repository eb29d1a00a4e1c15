using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>
/// Extracts the signed parts of a request. The signed bytes must belong to exactly one request: a value that contains the separator after
/// it could be cut there, and the rest be taken for the next part, so such a value is rejected.
/// </summary>
internal sealed class SignedParts(SignatureAuth settings)
{
    private static readonly Refused DigitBesideTime = new(
        RejectionReason.MalformedCredentials, "The body has a digit next to the signed timestamp, so the signature is ambiguous. Set time_format to seconds or milliseconds.");

    private readonly ImmutableArray<Boundary> _boundaries = Boundaries(settings.Signed);
    private readonly SignedPart? _beforeBody = TimeBeside(settings, before: true);
    private readonly SignedPart? _afterBody = TimeBeside(settings, before: false);

    /// <summary>Rejects ambiguous values in the headers and the target; null if there are none.</summary>
    public Refused? RefuseHeaders(WebhookRequest request)
    {
        foreach (var boundary in _boundaries)
        {
            if (boundary.Part.Kind == SignedPartKind.Header && request.Http.Request.Headers[boundary.Part.Text].Count > 1)
            {
                return boundary.Refused;
            }

            var value = ValueOf(boundary.Part, request, null);
            if (!(boundary.IsBefore ? IsFirst(value, boundary.Separator) : IsLast(value, boundary.Separator)))
            {
                return boundary.Refused;
            }
        }

        return null;
    }

    /// <summary>Rejects a body whose boundary to the timestamp is ambiguous; null if it is not.</summary>
    public Refused? RefuseBody(ReadOnlySpan<byte> body) =>
        !body.IsEmpty && ((_beforeBody is not null && char.IsAsciiDigit((char)body[0])) || (_afterBody is not null && char.IsAsciiDigit((char)body[^1])))
            ? DigitBesideTime
            : null;

    /// <summary>Gets the parts in order.</summary>
    public List<ReadOnlyMemory<byte>> Of(in ReceivedRequest request, string? time)
    {
        var parts = new List<ReadOnlyMemory<byte>>(settings.Signed.Parts.Length);
        foreach (var part in settings.Signed.Parts)
        {
            parts.Add(part.Kind == SignedPartKind.Body ? request.Body : Encoding.UTF8.GetBytes(ValueOf(part, request.Arrival, time)));
        }

        return parts;
    }

    private static string ValueOf(SignedPart part, WebhookRequest request, string? time) => part.Kind switch
    {
        SignedPartKind.Timestamp => time ?? "",
        SignedPartKind.Method => request.Http.Request.Method,
        SignedPartKind.Path => request.Http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        SignedPartKind.Header => request.Http.Request.Headers[part.Text].ToString(),
        _ => part.Text,
    };

    // A reader from the left ends the value at the first separator, so that must be the real one. A value that ends with half a separator
    // would move it.
    private static bool IsFirst(string value, string separator) => (value + separator).IndexOf(separator, StringComparison.Ordinal) == value.Length;

    private static bool IsLast(string value, string separator) => (separator + value).LastIndexOf(separator, StringComparison.Ordinal) == 0;

    // The form of a timestamp is checked separately and contains no separator.
    private static ImmutableArray<Boundary> Boundaries(SignedText signed)
    {
        var boundaries = ImmutableArray.CreateBuilder<Boundary>();
        for (var i = 0; i < signed.Parts.Length; i++)
        {
            var part = signed.Parts[i];
            if (part.Kind != SignedPartKind.Timestamp && signed.NeighbourOf(i) is { Kind: SignedPartKind.Text } separator)
            {
                var name = part.Kind == SignedPartKind.Header ? $"header {part.Text}" : part.Kind.ToString().ToLowerInvariant();
                boundaries.Add(new Boundary(part, separator.Text, signed.Parts.Skip(i).Any(other => other.Kind == SignedPartKind.Body), new Refused(
                    RejectionReason.MalformedCredentials,
                    $"The signed {name} is repeated or contains its separator \"{separator.Text}\", so the signature is ambiguous.")));
            }
        }

        return boundaries.DrainToImmutable();
    }

    private static SignedPart? TimeBeside(SignatureAuth settings, bool before)
    {
        var parts = settings.Signed.Parts;
        var index = parts.Select(part => part.Kind).ToList().IndexOf(SignedPartKind.Body) + (before ? -1 : 1);
        return settings.TimeFormat == TimeFormat.Unix && index >= 0 && index < parts.Length && parts[index].Kind == SignedPartKind.Timestamp ? parts[index] : null;
    }

    /// <summary>A part whose value must not contain the text that separates it from the next part.</summary>
    private sealed record Boundary(SignedPart Part, string Separator, bool IsBefore, Refused Refused);
}
