using System.Text.Json;
using Microsoft.OpenApi;

namespace Sluice.Host.Tests.OpenApi;

/// <summary>A document of a host, held to be valid OpenAPI 3.1 by the reader of Microsoft.OpenApi.</summary>
internal static class Description
{
    public static async Task<(OpenApiDocument Document, JsonElement Json)> ReadAsync(TestHost host, string path)
    {
        var answer = await host.GetAsync(path);
        Assert.Equal((200, "application/json"), (answer.Status, answer.Header("Content-Type")));
        Assert.StartsWith("3.1.", answer.Json.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var read = OpenApiDocument.Parse(answer.Body, OpenApiConstants.Json);
        Assert.Empty(read.Diagnostic!.Errors.Concat(read.Diagnostic.Warnings).Select(error => $"{error.Pointer}: {error.Message}"));
        return (read.Document!, answer.Json);
    }
}
