using Microsoft.OpenApi;

namespace Sluice.Host.OpenApi;

/// <summary>
/// Serializes documents as OpenAPI 3.1 JSON, the first version whose schemas are JSON Schema 2020-12, like those of triggers.
/// </summary>
internal static class DocumentText
{
    public static async Task<byte[]> WriteAsync(OpenApiDocument document, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        return text.ToArray();
    }
}
