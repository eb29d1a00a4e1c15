namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>The structure of a header with a timestamp and signatures: <c>t={timestamp},v1={signature}</c>.</summary>
/// <remarks>Senders use any order of elements, several signatures while they rotate a secret, and additional elements.</remarks>
/// <param name="Separator">The separator of the elements: a comma or a semicolon.</param>
/// <param name="SignaturePrefix">The prefix of a signature.</param>
/// <param name="TimePrefix">The prefix of the timestamp; null if it is not in the header.</param>
internal sealed record SignaturePattern(char Separator, string SignaturePrefix, string? TimePrefix)
{
    private const string Signature = "{signature}";
    private const string Time = "{timestamp}";

    /// <summary>Parses a pattern; null and an error message if it is invalid.</summary>
    public static (SignaturePattern? Pattern, string? Wrong) Parse(string text)
    {
        var separator = text.Contains(';', StringComparison.Ordinal) ? ';' : ',';
        string? signature = null;
        string? time = null;
        foreach (var element in text.Split(separator, StringSplitOptions.TrimEntries))
        {
            if (signature is null && PrefixOf(element, Signature) is { } beforeSignature)
            {
                signature = beforeSignature;
            }
            else if (time is null && PrefixOf(element, Time) is { Length: > 0 } beforeTime)
            {
                time = beforeTime;
            }
            else
            {
                return (null, Message(text));
            }
        }

        // Otherwise one element could be read as both.
        var isClear = signature is not null && (time is null || (signature.Length > 0 && !signature.StartsWith(time, StringComparison.Ordinal) && !time.StartsWith(signature, StringComparison.Ordinal)));
        return isClear ? (new SignaturePattern(separator, signature!, time), null) : (null, Message(text));
    }

    private static string? PrefixOf(string element, string place) =>
        element.EndsWith(place, StringComparison.Ordinal) && element[..^place.Length] is var prefix && prefix.IndexOfAny(['{', '}', ',', ';']) < 0 ? prefix : null;

    private static string Message(string text) =>
        $"'{text}' is not a valid pattern: write {{signature}} and, if the time is in the same header, {{timestamp}}, each after its own prefix and with commas or "
        + "semicolons between them, such as \"t={timestamp},v1={signature}\".";
}
