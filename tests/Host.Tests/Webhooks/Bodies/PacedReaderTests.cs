using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks.Bodies;

public sealed class PacedReaderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly int Share = (int)(PacedReader.LeastRate * PacedReader.Window.TotalSeconds);

    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_stops_coming_is_given_up_however_much_came_at_once()
    {
        await SendAsync(1_000_000);
        var reading = ReadToEndAsync();
        _time.Advance(PacedReader.Window - Second);
        Assert.False(reading.IsCompleted);

        _time.Advance(Second);

        Assert.Equal(StatusCodes.Status408RequestTimeout, (await Assert.ThrowsAsync<BadHttpRequestException>(() => reading)).StatusCode);
    }

    [Fact]
    public async Task A_body_that_comes_by_the_byte_is_given_up()
    {
        var reading = ReadToEndAsync();

        for (var second = 0; second < PacedReader.Window.TotalSeconds; second++)
        {
            Assert.False(reading.IsCompleted);
            await SendAsync(1);
            _time.Advance(Second);
        }

        Assert.Equal(StatusCodes.Status408RequestTimeout, (await Assert.ThrowsAsync<BadHttpRequestException>(() => reading)).StatusCode);
    }

    [Fact]
    public async Task A_window_that_brought_its_share_is_followed_by_another()
    {
        var reading = ReadToEndAsync();
        for (var window = 0; window < 3; window++)
        {
            await SendAsync(Share);
            _time.Advance(PacedReader.Window);
        }

        await _body.Writer.CompleteAsync();

        Assert.Equal(3 * Share, await reading);
    }

    [Fact]
    public async Task A_body_is_counted_once_though_its_pieces_are_kept_until_the_end()
    {
        await SendAsync(Share);
        var reading = ReadToEndAsync();
        await SendAsync(1);
        _time.Advance(PacedReader.Window / 2);
        await SendAsync(1);

        _time.Advance(PacedReader.Window / 2);

        await Assert.ThrowsAsync<BadHttpRequestException>(() => reading);
    }

    [Fact]
    public async Task The_time_that_the_host_takes_for_a_piece_is_not_the_callers()
    {
        var reader = new PacedReader(_body.Reader, _time);
        await SendAsync(1);
        reader.Consume(await reader.ReadAsync(Cancellation));
        _time.Advance(10 * PacedReader.Window);
        var reading = reader.ReadAsync(Cancellation);

        await SendAsync(1);

        Assert.Equal(1, (await reading).Buffer.Length);
    }

    private async Task SendAsync(int bytes) => await _body.Writer.WriteAsync(new byte[bytes], Cancellation);

    private async Task<long> ReadToEndAsync()
    {
        var reader = new PacedReader(_body.Reader, _time);
        while (true)
        {
            var read = await reader.ReadAsync(Cancellation);
            if (read.IsCompleted)
            {
                return read.Buffer.Length;
            }

            reader.Keep(read);
        }
    }
}
