using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Bytes in memory as a stream, wherever that memory is: the framework has one for arrays alone.</summary>
internal static class BodyStream
{
    public static Stream Of(ReadOnlyMemory<byte> bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes)).AsStream();
}
