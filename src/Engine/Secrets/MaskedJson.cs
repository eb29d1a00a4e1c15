using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;

namespace Sluice.Engine.Secrets;

/// <summary>Masks secrets in JSON, and restores them.</summary>
/// <remarks>Each secret is replaced by <c>***</c>, and a <see cref="MaskedSecret"/> records which secret it was and its spelling.</remarks>
internal static class MaskedJson
{
    private const string Mask = SecretMask.Mask;

    /// <summary>Masks JSON; returns the same memory if it contains no secret.</summary>
    public static ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> json, SecretPatterns patterns, out ImmutableArray<MaskedSecret> secrets)
    {
        var copy = new Copy(patterns);
        var masked = JsonText.Write((Json: json, Copy: copy), static (writer, state) => state.Copy.Write(state.Json.Span, writer));
        secrets = copy.Found.DrainToImmutable();
        return secrets.IsEmpty ? json : masked;
    }

    /// <summary>
    /// Restores JSON with the current values of its secrets. Secrets that the host no longer has stay masked, and are named in <paramref
    /// name="missing"/>.
    /// </summary>
    public static ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> masked, ImmutableArray<MaskedSecret> secrets, Func<string, string?> find, ICollection<string> missing)
    {
        using var restored = new MemoryStream(masked.Length + 256);
        var done = 0;
        for (var i = 0; i < secrets.Length;)
        {
            var first = secrets[i];
            restored.Write(masked.Span[done..first.At]);
            done = first.At + (first.IsNumber ? Mask.Length + 2 : Mask.Length);
            var text = new StringBuilder();
            var isWhole = true;
            for (; i < secrets.Length && secrets[i].At == first.At; i++)
            {
                var part = find(secrets[i].Secret) is { } value ? SecretSpellings.Find(value, secrets[i].Spelling) : null;
                if (part is null)
                {
                    missing.Add(secrets[i].Secret);
                    isWhole = false;
                }
                else
                {
                    text.Append(part, Math.Min(secrets[i].From, part.Length), Math.Max(0, part.Length - secrets[i].From));
                }
            }

            restored.Write(!isWhole ? masked.Span[first.At..done] : first.IsNumber ? NumberOrText(text.ToString()) : Escape(text.ToString()));
        }

        restored.Write(masked.Span[done..]);
        return restored.ToArray();
    }

    private static ReadOnlySpan<byte> Escape(ReadOnlySpan<char> text) => JsonEncodedText.Encode(text, JsonText.Options.Encoder).EncodedUtf8Bytes;

    // A secret that was a number may have been replaced by a string.
    private static ReadOnlySpan<byte> NumberOrText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read() ? bytes : JsonText.Encode(text);
        }
        catch (JsonException)
        {
            return JsonText.Encode(text);
        }
    }

    /// <summary>Copies JSON token by token.</summary>
    private sealed class Copy(SecretPatterns patterns)
    {
        private readonly List<ReplacedPart> _parts = [];

        public ImmutableArray<MaskedSecret>.Builder Found { get; } = ImmutableArray.CreateBuilder<MaskedSecret>();

        public void Write(ReadOnlySpan<byte> json, Utf8JsonWriter writer)
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                Write(ref reader, writer);
            }
        }

        private void Write(ref Utf8JsonReader reader, Utf8JsonWriter writer)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    writer.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    var name = MaskText(reader.GetString()!);
                    writer.WritePropertyName(name);
                    Note(name, PositionOf(writer) - "\":".Length);
                    break;
                case JsonTokenType.String:
                    var text = MaskText(reader.GetString()!);
                    writer.WriteStringValue(text);
                    Note(text, PositionOf(writer) - "\"".Length);
                    break;
                // A longer number that contains the digits of a secret is unchanged.
                case JsonTokenType.Number when patterns.Find(Encoding.UTF8.GetString(reader.ValueSpan)) is { } whole:
                    writer.WriteStringValue(Mask);
                    Found.Add(new MaskedSecret(PositionOf(writer) - Mask.Length - 2, whole.Secret, whole.Name) { IsNumber = true });
                    break;
                default:
                    writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                    break;
            }
        }

        private static int PositionOf(Utf8JsonWriter writer) => (int)(writer.BytesCommitted + writer.BytesPending);

        private string MaskText(string text) => patterns.Replace(text, Mask, _parts) ?? text;

        // Records the parts of the string that was just written, by their offset in the bytes written so far. The string ends at the given
        // offset.
        private void Note(string text, int end)
        {
            var to = text.Length;
            for (var i = _parts.Count - 1; i >= 0; i--)
            {
                var from = _parts[i].At;
                end -= Escape(text.AsSpan(from..to)).Length;
                _parts[i] = _parts[i] with { At = end };
                to = from;
            }

            Found.AddRange(_parts.Select(part => new MaskedSecret(part.At, part.Pattern.Secret, part.Pattern.Name) { From = part.From }));
            _parts.Clear();
        }
    }
}
