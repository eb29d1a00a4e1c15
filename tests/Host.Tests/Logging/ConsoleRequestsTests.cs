using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Formatting.Display;
using Sluice.Host.Logging;

namespace Sluice.Host.Tests.Logging;

public sealed class ConsoleRequestsTests
{
    [Theory]
    [InlineData("/hooks/orders", "/hooks/orders")]
    [InlineData("/hooks/hush-hush-9000/x", "/hooks/***/x")]
    [InlineData("/hooks/a\r\n09:00:00.000 INF forged", "/hooks/a??09:00:00.000 INF forged")]
    public void A_path_shows_no_secret_and_forges_no_line(string path, string shown)
    {
        using var console = new MemoryStream();
        using (var lines = new ConsoleLines(new MessageTemplateTextFormatter("{Message:lj}\n"), console))
        {
            new ConsoleRequests(lines, NullLogger<LoggedRequests>.Instance, new OneSecret()).Write(
                new RequestLine(DateTimeOffset.UnixEpoch, "POST", path, 404, TimeSpan.Zero, null));
        }

        Assert.Equal($"00:00:00.000 INF POST {shown} 404 in 0.0 ms\n", Encoding.UTF8.GetString(console.ToArray()));
    }
}
