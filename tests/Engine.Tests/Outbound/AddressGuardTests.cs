using System.Net;
using Sluice.Engine.Outbound;

namespace Sluice.Engine.Tests.Outbound;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("11.0.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.1")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2002:0101:0101::1")]
    [InlineData("64:ff9b::101:101")]
    [InlineData("::ffff:1.1.1.1")]
    public void A_public_address_may_be_connected_to(string address) => Assert.Null(Guard().Refuse(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fdff:ffff::1")]
    [InlineData("ff02::1")]
    [InlineData("fec0::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("2002:0a00:0001::1")]
    [InlineData("2002:7f00:0001::")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    [InlineData("2001:0:4136:e378:8000:63bf:f5ff:fffe")]
    public void A_private_address_is_refused_with_the_cure_unless_it_is_allowed(string address)
    {
        var judged = IPAddress.Parse(address);

        Assert.Contains("Http:Allow", Guard().Refuse(judged), StringComparison.Ordinal);
        Assert.Null(Guard(allowPrivate: true).Refuse(judged));
    }

    [Theory]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("febf::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("64:ff9b::169.254.169.254")]
    public void A_link_local_or_metadata_address_is_refused_whatever_is_allowed(string address)
    {
        var judged = IPAddress.Parse(address);

        Assert.Contains("no node may reach", Guard().Refuse(judged), StringComparison.Ordinal);
        Assert.Contains("no node may reach", Guard(allowPrivate: true, "0.0.0.0/0", "::/0").Refuse(judged), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("10.2.0.0", false)]
    [InlineData("192.168.7.7", true)]
    [InlineData("192.168.7.8", false)]
    [InlineData("fd12::9", true)]
    [InlineData("127.0.0.1", false)]
    public void Only_the_networks_of_the_list_are_allowed(string address, bool allowed) =>
        Assert.Equal(allowed, Guard(false, "10.1.0.0/16", "192.168.7.7/32", "fd12::/16").Refuse(IPAddress.Parse(address)) is null);

    private static AddressGuard Guard(bool allowPrivate = false, params string[] allowed) => new(allowPrivate, allowed.Select(IPNetwork.Parse));
}
