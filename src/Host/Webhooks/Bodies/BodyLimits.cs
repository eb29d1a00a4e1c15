using Sluice.Host.Configuration;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>The limits of a body.</summary>
/// <param name="Body">The bytes of a body held in memory; for a form with files, of all its text fields.</param>
/// <param name="Upload">The bytes of a body with files: <c>multipart/form-data</c>, or a binary body that becomes a file.</param>
/// <param name="File">The bytes of one file.</param>
/// <param name="Parts">The number of parts in a <c>multipart/form-data</c> body.</param>
/// <param name="Values">The number of values in a JSON body.</param>
/// <param name="Fields">The number of fields in an <c>application/x-www-form-urlencoded</c> body.</param>
internal sealed record BodyLimits(int Body, int Upload, int File, int Parts, int Values, int Fields)
{
    public static BodyLimits Of(WebhookOptions options) =>
        new(options.MaxBodyBytes, options.MaxUploadBytes, options.MaxFileBytes, options.MaxParts, options.MaxBodyValues, options.MaxFormFields);
}
