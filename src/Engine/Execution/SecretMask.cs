using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Replaces the values of the secrets that a run may read by <c>***</c>, wherever they would be stored or logged.</summary>
internal sealed class SecretMask
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    /// <summary>Shorter values are not masked: replacing every "1" would hide nothing and break everything.</summary>
    public const int ShortestMasked = 4;

    public static readonly SecretMask None = new([]);

    // Longest first, so that a secret that contains another is replaced whole.
    private readonly (string Text, byte[] Json)[] _values;

    private SecretMask(IEnumerable<string> values) =>
        _values = [.. values.Where(v => v.Length >= ShortestMasked).Distinct().OrderByDescending(v => v.Length).Select(v => (v, JsonText.Encode(v)[1..^1]))];

    public static SecretMask For(IReadOnlyCollection<string> names, ISecrets secrets) =>
        names.Count == 0 ? None : new SecretMask(names.Select(secrets.Find).OfType<string>());

    /// <summary>Whether there is nothing to mask.</summary>
    public bool IsEmpty => _values.Length == 0;

    public string Apply(string text) => _values.Aggregate(text, (masked, value) => masked.Replace(value.Text, Mask, StringComparison.Ordinal));

    /// <summary>JSON with every string masked; the same memory where no secret is in it.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json)
    {
        foreach (var (_, bytes) in _values)
        {
            if (json.Span.IndexOf(bytes) >= 0 || json.Span.IndexOf((byte)'\\') >= 0)
            {
                return Rewrite(json);
            }
        }

        return json;
    }

    /// <summary>Bytes of unknown kind with every secret masked that stands in them as UTF-8; the same memory where none does.</summary>
    public ReadOnlyMemory<byte> ApplyToText(ReadOnlyMemory<byte> bytes) =>
        Array.Exists(_values, value => bytes.Span.IndexOf(Encoding.UTF8.GetBytes(value.Text)) >= 0 || bytes.Span.IndexOf(value.Json) >= 0)
            ? Encoding.UTF8.GetBytes(_values.Aggregate(Apply(Encoding.UTF8.GetString(bytes.Span)), (text, value) =>
                text.Replace(Encoding.UTF8.GetString(value.Json), Mask, StringComparison.Ordinal)))
            : bytes;

    /// <summary>A reply as it is stored: masked, and marked where that changed it.</summary>
    public JournalEntry.Replied Apply(Reply reply, DateTimeOffset at)
    {
        ImmutableArray<KeyValuePair<string, string>> headers = [.. reply.Headers.Select(header => KeyValuePair.Create(header.Key, Apply(header.Value)))];
        var body = ApplyToText(reply.Body);
        return new JournalEntry.Replied(reply.Status, headers, reply.ContentType, body, at)
        {
            Blob = reply.Blob,
            Sandbox = reply.Sandbox,
            Masked = !IsEmpty && !(headers.SequenceEqual(reply.Headers) && body.Span.SequenceEqual(reply.Body.Span)),
        };
    }

    // An escape may hide a secret from the byte search, so JSON with a backslash in it is always read token by token.
    private ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> json)
    {
        var changed = false;
        var masked = JsonText.Write((Json: json, Mask: this), (writer, state) =>
        {
            var reader = new Utf8JsonReader(state.Json.Span);
            while (reader.Read())
            {
                changed |= Copy(ref reader, writer);
            }
        });
        return changed ? masked : json;
    }

    private bool Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                return false;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                return false;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                return false;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                return false;
            case JsonTokenType.PropertyName:
                var name = reader.GetString()!;
                var maskedName = Apply(name);
                writer.WritePropertyName(maskedName);
                return name != maskedName;
            case JsonTokenType.String:
                var text = reader.GetString()!;
                var maskedText = Apply(text);
                writer.WriteStringValue(maskedText);
                return text != maskedText;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                return false;
        }
    }
}
