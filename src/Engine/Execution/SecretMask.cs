using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Replaces the values of secrets by <c>***</c>, in every spelling of <see cref="SecretSpellings"/>, wherever they would be stored, logged or shown.</summary>
internal sealed class SecretMask
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    /// <summary>Shorter values and spellings are not masked: replacing every "1" would hide nothing and break everything.</summary>
    public const int ShortestMasked = 4;

    public static readonly SecretMask None = new([]);

    private const int PieceLength = 16 * 1024;

    private readonly SecretPatterns _text;

    // UTF-8, with a character for each byte: bytes are searched as they are, whether they are text or not.
    private readonly SecretPatterns _bytes;

    private SecretMask(IEnumerable<string> values)
    {
        string[] spellings =
        [
            .. values.Where(value => value.Length >= ShortestMasked).SelectMany(SecretSpellings.Of)
                .Where(spelling => spelling.Length >= ShortestMasked).Distinct(StringComparer.Ordinal),
        ];
        IsEmpty = spellings.Length == 0;
        _text = new SecretPatterns(spellings);
        _bytes = spellings.All(spelling => Ascii.IsValid(spelling)) ? _text : new SecretPatterns(spellings.Select(spelling => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(spelling))));
    }

    public static SecretMask For(IReadOnlyCollection<string> names, ISecrets secrets) =>
        names.Count == 0 ? None : new SecretMask(names.Select(secrets.Find).OfType<string>());

    /// <summary>Whether there is nothing to mask.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether a string contains a secret.</summary>
    public bool IsIn(ReadOnlySpan<char> text) => !IsEmpty && _text.IsIn(text);

    /// <summary>The text masked; the same string where no secret is in it.</summary>
    public string Apply(string text) => IsEmpty ? text : _text.Replace(text, Mask) ?? text;

    /// <summary>The text masked and only then cut, so that no part of a secret is left at the cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters of the result, the mark of the cut aside.</param>
    public string ApplyAndCut(string text, int longest) => Apply(text) is var masked && masked.Length > longest ? $"{masked[..longest]}…" : masked;

    /// <summary>JSON with every string masked; the same memory where no secret is in it.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json) => !IsEmpty && MayHold(json.Span) ? Rewrite(json) : json;

    /// <summary>Bytes of unknown kind with every secret masked that stands in them as UTF-8; the same memory where none does.</summary>
    public ReadOnlyMemory<byte> ApplyToText(ReadOnlyMemory<byte> bytes) =>
        !IsEmpty && IsIn(bytes.Span) ? Encoding.Latin1.GetBytes(_bytes.Replace(Encoding.Latin1.GetString(bytes.Span), Mask)!) : bytes;

    /// <summary>A reply as it is stored: masked, and marked where that changed it.</summary>
    public JournalEntry.Replied Apply(Reply reply, DateTimeOffset at)
    {
        ImmutableArray<KeyValuePair<string, string>> headers = [.. reply.Headers.Select(header => KeyValuePair.Create(header.Key, Apply(header.Value)))];
        var body = ApplyToText(reply.Body);
        var contentType = reply.ContentType is { } given ? Apply(given) : null;
        return new JournalEntry.Replied(reply.Status, headers, contentType, body, at)
        {
            Blob = reply.Blob,
            Sandbox = reply.Sandbox,
            Masked = !IsEmpty && !(contentType == reply.ContentType && headers.SequenceEqual(reply.Headers) && body.Span.SequenceEqual(reply.Body.Span)),
        };
    }

    // An escape may hide a secret from the search of the bytes, so strings with a backslash are read.
    private bool MayHold(ReadOnlySpan<byte> json)
    {
        if (IsIn(json))
        {
            return true;
        }

        if (!json.Contains((byte)'\\'))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.PropertyName or JsonTokenType.String, ValueIsEscaped: true } && _text.IsIn(reader.GetString()))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsIn(ReadOnlySpan<byte> bytes)
    {
        var size = Math.Min(bytes.Length, Math.Max(PieceLength, 2 * _bytes.Longest));
        var piece = ArrayPool<char>.Shared.Rent(size);
        try
        {
            while (true)
            {
                var length = Math.Min(size, bytes.Length);
                Encoding.Latin1.GetChars(bytes[..length], piece);
                if (_bytes.IsIn(piece.AsSpan(0, length)))
                {
                    return true;
                }

                if (length == bytes.Length)
                {
                    return false;
                }

                // One that the end of this piece cuts is whole in the next.
                bytes = bytes[(length - (_bytes.Longest - 1))..];
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(piece, clearArray: true);
        }
    }

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
            // A longer number that contains the digits of a secret is left as it is.
            case JsonTokenType.Number when _text.IsOne(Encoding.UTF8.GetString(reader.ValueSpan)):
                writer.WriteStringValue(Mask);
                return true;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                return false;
        }
    }
}
