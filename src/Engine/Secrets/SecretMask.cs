using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Secrets;

/// <summary>
/// Replaces the values of secrets by <c>***</c>, in every spelling of <see cref="SecretSpellings"/>, before they are stored, logged or
/// shown.
/// </summary>
internal sealed class SecretMask
{
    /// <summary>The replacement of a secret.</summary>
    public const string Mask = "***";

    /// <summary>Shorter values and spellings are not masked: replacing every "1" would hide nothing and break everything.</summary>
    public const int ShortestMasked = 4;

    public static readonly SecretMask None = new([]);

    private const int PieceLength = 16 * 1024;

    private readonly SecretPatterns _text;

    // Each byte as one character: bytes are searched unchanged, whether they are valid UTF-8 or not.
    private readonly SecretPatterns _bytes;

    private SecretMask(IEnumerable<(string Name, string Value)> secrets)
    {
        SecretPattern[] patterns =
        [
            .. secrets.Where(secret => secret.Value.Length >= ShortestMasked)
                .SelectMany(secret => SecretSpellings.Of(secret.Value).Select(spelling => new SecretPattern(secret.Name, spelling.Name, spelling.Text)))
                .Where(pattern => pattern.Text.Length >= ShortestMasked).DistinctBy(pattern => pattern.Text, StringComparer.Ordinal),
        ];
        IsEmpty = patterns.Length == 0;
        _text = new SecretPatterns(patterns);
        _bytes = patterns.All(pattern => Ascii.IsValid(pattern.Text))
            ? _text
            : new SecretPatterns(patterns.Select(pattern => pattern with { Text = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(pattern.Text)) }));
    }

    public static SecretMask For(IReadOnlyCollection<string> names, ISecrets secrets) => names.Count == 0
        ? None
        : new SecretMask(names.Select(name => (Name: name, Value: secrets.Find(name))).Where(secret => secret.Value is not null).Select(secret => (secret.Name, secret.Value!)));

    /// <summary>Whether there is nothing to mask.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether a string contains a secret.</summary>
    public bool IsIn(ReadOnlySpan<char> text) => !IsEmpty && _text.IsIn(text);

    /// <summary>Masks a string; returns the same string if it contains no secret.</summary>
    public string Apply(string text) => IsEmpty ? text : _text.Replace(text, Mask) ?? text;

    /// <summary>Masks a string before cutting it, so that no part of a secret remains at the cut.</summary>
    /// <param name="text">The string.</param>
    /// <param name="longest">The maximum length of the result, without the ellipsis.</param>
    public string ApplyAndCut(string text, int longest) => Apply(text) is var masked && masked.Length > longest ? $"{masked[..longest]}…" : masked;

    /// <summary>Masks every string in JSON; returns the same memory if it contains no secret.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json) => Apply(json, out _);

    /// <summary>
    /// Masks every string in JSON and returns what <see cref="MaskedJson.Restore"/> needs to restore it; the same memory if it contains no
    /// secret.
    /// </summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json, out ImmutableArray<MaskedSecret> secrets)
    {
        secrets = [];
        return !IsEmpty && MayHold(json.Span) ? MaskedJson.Write(json, _text, out secrets) : json;
    }

    /// <summary>Masks every secret that occurs as UTF-8 in arbitrary bytes; returns the same memory if there is none.</summary>
    public ReadOnlyMemory<byte> ApplyToText(ReadOnlyMemory<byte> bytes) =>
        !IsEmpty && IsIn(bytes.Span) ? Encoding.Latin1.GetBytes(_bytes.Replace(Encoding.Latin1.GetString(bytes.Span), Mask)!) : bytes;

    /// <summary>Masks a reply for storage, and marks it if that changed it.</summary>
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

    // An escape may hide a secret from the byte search, so strings with a backslash are decoded.
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

                // A match that the end of this chunk cuts is whole in the next.
                bytes = bytes[(length - (_bytes.Longest - 1))..];
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(piece, clearArray: true);
        }
    }
}
