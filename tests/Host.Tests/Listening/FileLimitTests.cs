using Sluice.Host.Configuration;
using Sluice.Host.Listening;

namespace Sluice.Host.Tests.Listening;

public sealed class FileLimitTests
{
    [Theory]
    [InlineData(null, null, 10_000)]
    [InlineData(null, 1_048_576L, 10_000)]
    [InlineData(null, 1024L, 280)]
    [InlineData(null, 512L, 32)]
    [InlineData(100, 1024L, 100)]
    [InlineData(50_000, 1_048_576L, 50_000)]
    [InlineData(50_000, null, 50_000)]
    public void The_connections_of_the_public_listener_are_as_many_as_asked_or_as_fit(int? asked, long? files, int expected) =>
        Assert.Equal(expected, FileLimit.Of(asked, files).Webhooks);

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(20_000)]
    public void A_file_for_each_request_and_a_reserve_are_left(long files)
    {
        var limit = FileLimit.Of(null, files);

        Assert.InRange((2 * limit.Webhooks) + limit.Admin + FileLimit.WebhookSlack + FileLimit.AdminSlack, 0, files - 320);
        Assert.InRange(limit.Admin, 8, 100);
    }

    [Fact]
    public void More_connections_than_fit_and_too_few_files_are_refused_with_the_cure()
    {
        Assert.Contains("which is enough for 280", Assert.Throws<ConfigurationException>(() => FileLimit.Of(281, 1024)).Message, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", Assert.Throws<ConfigurationException>(() => FileLimit.Of(null, 511)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_of_this_process_is_read_where_the_system_says_it() =>
        Assert.Equal(OperatingSystem.IsLinux(), FileLimit.OfThisProcess() is > 0);
}
