using Sluice.Host.Configuration;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>How much of a body the host takes.</summary>
/// <param name="Body">Bytes of a body that is held in memory; of a form with files, of its text fields together.</param>
/// <param name="Upload">Bytes of a body with files: a <c>multipart/form-data</c>, or a binary body that becomes a file.</param>
/// <param name="File">Bytes of one file.</param>
/// <param name="Parts">How many parts a <c>multipart/form-data</c> may have.</param>
/// <param name="Values">How many values a JSON body may hold.</param>
/// <param name="Fields">How many fields an <c>application/x-www-form-urlencoded</c> body may hold.</param>
internal sealed record BodyLimits(int Body, int Upload, int File, int Parts, int Values, int Fields)
{
    public static BodyLimits Of(WebhookOptions options) =>
        new(options.MaxBodyBytes, options.MaxUploadBytes, options.MaxFileBytes, options.MaxParts, options.MaxBodyValues, options.MaxFormFields);
}
