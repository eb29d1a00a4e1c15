using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Secrets;

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

    /// <summary>The text masked; the same string where no secret is in it.</summary>
    public string Apply(string text) => IsEmpty ? text : _text.Replace(text, Mask) ?? text;

    /// <summary>The text masked and only then cut, so that no part of a secret is left at the cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters of the result, the mark of the cut aside.</param>
    public string ApplyAndCut(string text, int longest) => Apply(text) is var masked && masked.Length > longest ? $"{masked[..longest]}…" : masked;

    /// <summary>JSON with every string masked; the same memory where no secret is in it.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json) => Apply(json, out _);

    /// <summary>JSON with every string masked, and what was masked, from which <see cref="MaskedJson.Restore"/> makes it again; the same memory where no secret is in it.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json, out ImmutableArray<MaskedSecret> secrets)
    {
        secrets = [];
        return !IsEmpty && MayHold(json.Span) ? MaskedJson.Write(json, _text, out secrets) : json;
    }

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
}
