using System.Text.Json;

namespace Sluice.Engine.Blobs;

/// <summary>A file that a caller sent, as a run knows it. The host alone makes these; <c>trigger.output.files</c> shows them.</summary>
/// <param name="Id">What the file is found by, together with its run: 32 hexadecimal digits, random.</param>
/// <param name="Name">What the caller calls it, less every path; null where it has no name. For people: it is no path of this machine.</param>
/// <param name="ContentType">What the caller says it is.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of its content, 64 small hexadecimal digits.</param>
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

/// <summary>A blob on the disk.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Size">In bytes.</param>
internal sealed record BlobFile(string Path, long Size);

/// <summary>No blob can be stored now: the disk, or the room that blobs may take, is full.</summary>
internal sealed class BlobStoreException(string message, Exception? cause = null) : Exception(message, cause);
