using System.Text.Json;
using Sluice.Engine.Blobs;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>The files of a request by field name, in their original order: <c>trigger.output.files</c>.</summary>
internal sealed class ReceivedFiles
{
    private readonly OrderedDictionary<string, List<Blob>> _byField = new(StringComparer.Ordinal);

    public void Add(string field, Blob file)
    {
        if (!_byField.TryGetValue(field, out var files))
        {
            _byField.Add(field, files = []);
        }

        files.Add(file);
    }

    /// <summary>Formats the files as JSON: one file of a name is an object, several are an array, as with text fields.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (field, files) in _byField)
        {
            json.WritePropertyName(field);
            if (files is [var one])
            {
                one.WriteTo(json);
                continue;
            }

            json.WriteStartArray();
            files.ForEach(file => file.WriteTo(json));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
