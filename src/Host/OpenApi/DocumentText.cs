using Microsoft.OpenApi;

namespace Sluice.Host.OpenApi;

/// <summary>Writes documents as JSON of OpenAPI 3.1, which is the first version whose schemas are JSON Schema 2020-12, as those of triggers are.</summary>
internal static class DocumentText
{
    public static async Task<byte[]> WriteAsync(OpenApiDocument document, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        return text.ToArray();
    }
}
