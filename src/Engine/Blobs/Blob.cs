using System.Text.Json;

namespace Sluice.Engine.Blobs;

/// <summary>
/// A file that a caller uploaded, as the run sees it. Only the host creates these; <c>trigger.output.files</c> lists them.
/// </summary>
/// <param name="Id">Identifies the file within its run: 32 random hexadecimal digits.</param>
/// <param name="Name">The caller's file name without its path; null if it has none. For display only, never used as a path.</param>
/// <param name="ContentType">The content type that the caller declared.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="Sha256">The SHA-256 of the content, as 64 lowercase hexadecimal digits.</param>
internal sealed record Blob(string Id, string? Name, string ContentType, long Size, string Sha256)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("blob"u8, Id);
        json.WriteString("name"u8, Name);
        json.WriteString("content_type"u8, ContentType);
        json.WriteNumber("size"u8, Size);
        json.WriteString("sha256"u8, Sha256);
        json.WriteEndObject();
    }
}

/// <summary>A blob on disk.</summary>
/// <param name="Path">The path of its file.</param>
/// <param name="Size">The size in bytes.</param>
internal sealed record BlobFile(string Path, long Size);

/// <summary>Thrown if a blob can't be stored now: the disk or the quota for blobs is full.</summary>
internal sealed class BlobStoreException(string message, Exception? cause = null) : Exception(message, cause);
