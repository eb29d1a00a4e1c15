using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Whose word is taken for a caller's address.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    // Nobody's who is not a trusted proxy.
    [InlineData("X-Forwarded-For", "192.0.2.1", "203.0.113.9", "192.0.2.1")]
    [InlineData("X-Forwarded-For", "10.0.0.1", null, "10.0.0.1")]
    // The last entry is the proxy's own; what stands before it came with the request.
    [InlineData("X-Forwarded-For", "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("X-Forwarded-For", "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9")]
    [InlineData("X-Forwarded-For", "::ffff:10.0.0.1", "203.0.113.9:4711", "203.0.113.9")]
    [InlineData("X-Forwarded-For", "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7")]
    [InlineData("X-Forwarded-For", "10.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("X-Forwarded-For", "10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9")]
    // What can't be read is no address, and never the proxy's.
    [InlineData("X-Forwarded-For", "10.0.0.1", "203.0.113.9, unknown", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "3405803785", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "0xcb.0.0x71.9", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "0313.0.0161.011", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "203.0.113.09", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "203.0.29001", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "::ffff:203.0.113.09", null)]
    [InlineData("X-Forwarded-For", "10.0.0.1", "fe80::1%1", null)]
    // Trusted all the way: the first of them.
    [InlineData("X-Forwarded-For", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3")]
    [InlineData("Forwarded", "10.0.0.1", "for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60")]
    [InlineData("Forwarded", "10.0.0.1", "for=1.1.1.1, For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17")]
    [InlineData("Forwarded", "10.0.0.1", "for=1.1.1.1, proto=\"a,b\";for=203.0.113.9", "203.0.113.9")]
    [InlineData("Forwarded", "10.0.0.1", "for=_hidden", null)]
    [InlineData("Forwarded", "10.0.0.1", "proto=https", null)]
    public void It_counts_as_far_as_trusted_proxies_wrote_it(string header, string connection, string? value, string? expected)
    {
        var headers = new HeaderDictionary();
        if (value is not null)
        {
            headers[header] = value;
        }

        // The header that is not chosen is the caller's own.
        headers[header == "Forwarded" ? "X-Forwarded-For" : "Forwarded"] = "for=6.6.6.6";

        Assert.Equal(expected, new ClientAddress([IPNetwork.Parse("10.0.0.0/8")], header).Of(IPAddress.Parse(connection), headers)?.ToString());
    }
}
