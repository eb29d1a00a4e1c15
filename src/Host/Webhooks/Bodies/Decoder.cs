using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Why encoded bytes could not be decoded.</summary>
internal enum DecodingFault
{
    /// <summary>The data is invalid, truncated, or followed by other data.</summary>
    Broken,

    /// <summary>The decoded data is too large.</summary>
    TooLarge,
}

/// <summary>
/// Decodes one content coding strictly: the framework's streams accept truncated data, and data followed by something else.
/// </summary>
internal static class Decoder
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Decodes all of the data into the spool; null on success.</summary>
    public static async ValueTask<DecodingFault?> DecodeAsync(string coding, ReadOnlyMemory<byte> data, Spool into, CancellationToken cancellationToken)
    {
        try
        {
            return coding switch
            {
                "br" => await BrotliAsync(data, into, cancellationToken),
                "deflate" => await DeflateAsync(data, into, cancellationToken),
                _ => await GzipAsync(data, into, cancellationToken),
            };
        }
        catch (InvalidDataException)
        {
            return DecodingFault.Broken;
        }
    }

    // RFC 1952, section 2.3: the last eight bytes are the checksum and the length of the decoded data. Only one member is accepted: the
    // checksum would not cover others. So these bytes also reveal data that is truncated or followed by something else.
    private static async ValueTask<DecodingFault?> GzipAsync(ReadOnlyMemory<byte> data, Spool into, CancellationToken cancellationToken)
    {
        if (data.Length < 18)
        {
            return DecodingFault.Broken;
        }

        var checksum = new Crc32();
        await using var stream = new GZipStream(BodyStream.Of(data), CompressionMode.Decompress);
        if (await CopyAsync(stream, into, checksum.Append, cancellationToken) is not { } length)
        {
            return DecodingFault.TooLarge;
        }

        var end = data.Span[^8..];
        var isWhole = BinaryPrimitives.ReadUInt32LittleEndian(end) == checksum.GetCurrentHashAsUInt32()
            && BinaryPrimitives.ReadUInt32LittleEndian(end[4..]) == length;
        return isWhole ? null : DecodingFault.Broken;
    }

    // RFC 9110, section 8.4.1.2: "deflate" is the zlib format (RFC 1950). It ends where its decoder asks for no more bytes.
    private static async ValueTask<DecodingFault?> DeflateAsync(ReadOnlyMemory<byte> data, Spool into, CancellationToken cancellationToken)
    {
        await using var feed = new LastByteApart(data);
        await using var stream = new ZLibStream(feed, CompressionMode.Decompress);
        if (await CopyAsync(stream, into, static _ => { }, cancellationToken) is null)
        {
            return DecodingFault.TooLarge;
        }

        return feed.IsWholeWanted ? null : DecodingFault.Broken;
    }

    private static async ValueTask<DecodingFault?> BrotliAsync(ReadOnlyMemory<byte> data, Spool into, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        using var decoder = new Brotli();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (status, consumed, written) = decoder.Decode(data.Span, buffer);
            if (written > 0 && !await into.WriteAsync(buffer.AsMemory(0, written), cancellationToken))
            {
                return DecodingFault.TooLarge;
            }

            data = data[consumed..];
            switch (status)
            {
                case OperationStatus.Done:
                    return data.IsEmpty ? null : DecodingFault.Broken;
                case OperationStatus.DestinationTooSmall:
                    continue;
                default:
                    return DecodingFault.Broken;
            }
        }
    }

    // The number of decoded bytes; null if there are too many.
    private static async ValueTask<long?> CopyAsync(Stream from, Spool into, AppendChecksum append, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        long length = 0;
        while (await from.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            length += read;
            append(buffer.AsSpan(0, read));
            if (!await into.WriteAsync(buffer.AsMemory(0, read), cancellationToken))
            {
                return null;
            }
        }

        return length;
    }

    private delegate void AppendChecksum(ReadOnlySpan<byte> bytes);

    /// <summary>Holds the framework's decoder, a mutable struct that an async method cannot hold itself.</summary>
    private sealed class Brotli : IDisposable
    {
        private BrotliDecoder _decoder;

        public (OperationStatus Status, int Consumed, int Written) Decode(ReadOnlySpan<byte> data, Span<byte> buffer)
        {
            var status = _decoder.Decompress(data, buffer, out var consumed, out var written);
            return (status, consumed, written);
        }

        public void Dispose() => _decoder.Dispose();
    }

    /// <summary>
    /// Returns all bytes but the last, then the last one: this shows whether a decoder read them all, and whether it asked for more.
    /// </summary>
    private sealed class LastByteApart(ReadOnlyMemory<byte> bytes) : MemoryStream
    {
        private int _position;
        private bool _isMoreWanted;

        public bool IsWholeWanted => _position == bytes.Length && !_isMoreWanted;

        public override int Read(Span<byte> buffer)
        {
            _isMoreWanted |= _position == bytes.Length;
            var end = _position < bytes.Length - 1 ? bytes.Length - 1 : bytes.Length;
            var count = Math.Min(buffer.Length, end - _position);
            bytes.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer.AsSpan(offset, count)));
    }
}
