using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Wraps any memory in a stream; the framework supports only arrays.</summary>
internal static class BodyStream
{
    public static Stream Of(ReadOnlyMemory<byte> bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes)).AsStream();
}
