using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Why coded bytes could not be decoded.</summary>
internal enum DecodingFault
{
    /// <summary>They are no such data, end too early, or go on after their end.</summary>
    Broken,

    /// <summary>More comes out than may.</summary>
    TooLarge,
}

/// <summary>Decodes one content coding, whole: the framework's streams take data that is cut off, or followed by something else, for good.</summary>
internal static class Decoder
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Null where all of the data was decoded into the spool.</summary>
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

    // RFC 1952, section 2.3: the last eight bytes are the checksum and the length of what comes out. One member: what follows a first one would be no
    // part of them. So they also tell data that is cut off or followed by something.
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

    // RFC 9110, section 8.4.1.2: "deflate" is the zlib format (RFC 1950). Its end is where its decoder wants no more.
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

    // How many bytes came out; null where they are too many.
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

    /// <summary>The framework's decoder is a struct that keeps its place, which no async method can hold by itself.</summary>
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

    /// <summary>Hands out all bytes but the last, then that one: so it shows whether a decoder wanted them all, and whether it wanted more.</summary>
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
