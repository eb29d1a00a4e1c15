namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>What a header with time and signatures is made of: <c>t={timestamp},v1={signature}</c>.</summary>
/// <remarks>Senders put in the elements in any order, more than one signature while they rotate a secret, and elements that nobody asked for.</remarks>
/// <param name="Separator">What stands between the elements: a comma or a semicolon.</param>
/// <param name="SignaturePrefix">What a signature begins with.</param>
/// <param name="TimePrefix">What the time begins with; null where it is not in the header.</param>
internal sealed record SignaturePattern(char Separator, string SignaturePrefix, string? TimePrefix)
{
    private const string Signature = "{signature}";
    private const string Time = "{timestamp}";

    /// <summary>Reads a pattern; null, and what is wrong, where it is none.</summary>
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
        $"'{text}' is no pattern: it is {{signature}} and, where the time is in the same header, {{timestamp}}, each behind a name of its own and with commas or "
        + "semicolons between them, such as \"t={timestamp},v1={signature}\".";
}
