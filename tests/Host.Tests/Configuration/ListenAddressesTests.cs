using Sluice.Host.Configuration;

namespace Sluice.Host.Tests.Configuration;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://0.0.0.0:5181")]
    [InlineData("http://*:5181")]
    [InlineData("http://[::]:5181")]
    [InlineData("http://192.168.1.2:5181")]
    [InlineData("http://127.0.0.1:5181;http://sluice.example:80")]
    // Kestrel takes this name, and any other but localhost, for all addresses.
    [InlineData("http://loopback:5181")]
    public void An_admin_listener_that_other_machines_reach_needs_a_key(string urls)
    {
        Assert.Contains("Set Admin:ApiKey", Assert.Single(Wrong("http://127.0.0.1:5180", urls)), StringComparison.Ordinal);
        Assert.Empty(Wrong("http://127.0.0.1:5180", urls, "key"));
    }

    [Theory]
    [InlineData("http://localhost:5181;http://[::1]:5181")]
    [InlineData("http://127.0.0.2:5181")]
    [InlineData("http://unix:/run/sluice/admin.sock")]
    public void An_admin_listener_on_this_machine_alone_needs_none(string urls) => Assert.Empty(Wrong("http://0.0.0.0:5180", urls));

    [Theory]
    [InlineData("http://127.0.0.1:5180", "http://127.0.0.1:5180")]
    [InlineData("http://0.0.0.0:5180", "http://127.0.0.1:5180")]
    [InlineData("http://*:5180", "http://[::1]:5180")]
    [InlineData("http://localhost:5180", "http://127.0.0.1:5180")]
    [InlineData("http://127.0.0.1:80;http://127.0.0.1:5180", "http://localhost:5180")]
    [InlineData("http://unix:/run/sluice.sock", "http://unix:/run/sluice.sock")]
    public void Webhooks_and_the_admin_api_never_share_an_address(string urls, string adminUrls)
    {
        var wrong = Assert.Single(Wrong(urls, adminUrls));

        Assert.Contains("share an address", wrong, StringComparison.Ordinal);
        Assert.Contains("--admin-urls", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", "http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:5180", "http://127.0.0.2:5180")]
    [InlineData("http://unix:/run/sluice.sock", "http://127.0.0.1:5181")]
    [InlineData("http://unix:/run/sluice.sock", "http://unix:/run/admin.sock")]
    public void Two_addresses_are_two(string urls, string adminUrls) => Assert.Empty(Wrong(urls, adminUrls));

    [Theory]
    [InlineData("127.0.0.1:5180")]
    [InlineData("ftp://127.0.0.1:2100")]
    [InlineData("http://")]
    [InlineData("")]
    public void What_is_not_an_address_is_refused_for_either_listener(string text)
    {
        Assert.Contains("write it as", Assert.Single(Wrong(text, "http://127.0.0.1:5181")), StringComparison.Ordinal);
        Assert.Contains("Admin:Urls", Assert.Single(Wrong("http://127.0.0.1:5180", text, "key")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_free_port_of_localhost_is_refused_because_it_is_two_addresses() =>
        Assert.Contains("Use 127.0.0.1", Assert.Single(Wrong("http://localhost:0", "http://127.0.0.1:0")), StringComparison.Ordinal);

    private static string[] Wrong(string urls, string adminUrls, string? key = null) =>
        [.. ListenAddresses.Wrong(new SluiceOptions { Urls = urls, Admin = new AdminOptions { Urls = adminUrls, ApiKey = key } })];
}
