using Sluice.Host.Configuration;

namespace Sluice.Host.Tests.Configuration;

public sealed class ReachableAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5181", "http://127.0.0.1:5181")]
    [InlineData("http://localhost:5181", "http://localhost:5181")]
    [InlineData("http://[::1]:5181", "http://[::1]:5181")]
    [InlineData("http://hooks.example", "http://hooks.example")]
    [InlineData("http://0.0.0.0:5181", "http://10.0.0.5:5181")]
    [InlineData("http://[::]:5181", "http://10.0.0.5:5181")]
    [InlineData("http://*:5181", "http://10.0.0.5:5181")]
    [InlineData("http://+:5181", "http://10.0.0.5:5181")]
    [InlineData("http://*", "http://10.0.0.5:80")]
    [InlineData("http://unix:/run/sluice.sock", null)]
    [InlineData("nonsense", "nonsense")]
    public void All_addresses_become_one_and_a_unix_socket_none(string url, string? reachable) => Assert.Equal(reachable, ReachableAddress.Of(url, "10.0.0.5"));
}
