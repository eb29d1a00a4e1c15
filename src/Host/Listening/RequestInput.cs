using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Host.Listening;

/// <summary>The bytes of a connection, with the end of the caller's input held back while the body of a request is read.</summary>
/// <remarks>
/// A web server that finds the end inside of a body closes the connection at once, without a response. Here the read is aborted instead, so that whoever
/// reads the body can answer that it is incomplete. No bytes are copied, and outside of a body reads go straight to the transport.
/// </remarks>
/// <param name="transport">The transport's own pipes.</param>
internal sealed class RequestInput(IDuplexPipe transport) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = transport.Input;
    private long _givenWithoutEnd = long.MaxValue;

    /// <summary>Whether the request whose head was read last has a body that is not read to its end yet.</summary>
    public bool IsInBody
    {
        get;
        set => (field, _givenWithoutEnd) = (value, long.MaxValue);
    }

    /// <summary>Whether the caller's input ended inside of a body. Nothing is read from then on: what is left is no request.</summary>
    public bool IsCutOff { get; private set; }

    public PipeReader Input => this;

    public PipeWriter Output => transport.Output;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (IsCutOff)
        {
            return ValueTask.FromException<ReadResult>(CutOff());
        }

        var read = _input.ReadAsync(cancellationToken);
        return !IsInBody ? read : read.IsCompletedSuccessfully ? new(WithoutEnd(read.Result)) : WaitAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (IsCutOff || !_input.TryRead(out result))
        {
            result = default;
            return false;
        }

        if (IsInBody && result.IsCompleted)
        {
            if (!HasNews(result))
            {
                // The next ReadAsync tells of it.
                _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                result = default;
                return false;
            }

            result = WithoutEnd(result);
        }

        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read) => WithoutEnd(await read);

    // What came with the end is given without it as long as some of it is consumed: it may complete the body, and hold the requests after it.
    private ReadResult WithoutEnd(ReadResult read)
    {
        if (!read.IsCompleted)
        {
            return read;
        }

        if (HasNews(read))
        {
            _givenWithoutEnd = read.Buffer.Length;
            return new ReadResult(read.Buffer, read.IsCanceled, isCompleted: false);
        }

        IsCutOff = true;
        _input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        throw CutOff();
    }

    private bool HasNews(in ReadResult read) => !read.Buffer.IsEmpty && read.Buffer.Length < _givenWithoutEnd;

    // The web server takes it for its own abort of a read: it stops to read the body, and the response is sent.
    private static ConnectionAbortedException CutOff() => new("The caller's input ended inside of a body.");
}
