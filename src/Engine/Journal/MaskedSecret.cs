namespace Sluice.Engine.Journal;

/// <summary>A secret for which <c>***</c> stands in a stored output. Several with one place stand for the text that they are put together.</summary>
/// <param name="At">Where the mask begins, in bytes of the stored output.</param>
/// <param name="Secret">The secret's name.</param>
/// <param name="Spelling">How it was spelled.</param>
internal readonly record struct MaskedSecret(int At, string Secret, string Spelling)
{
    /// <summary>How many characters of the spelling are left out at its beginning.</summary>
    public int From { get; init; }

    /// <summary>Whether it was a number; the mask stands in quotation marks, then.</summary>
    public bool IsNumber { get; init; }
}
