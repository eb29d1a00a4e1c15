using CsCheck;
using Sluice.Host.Webhooks.AsyncReplies;

namespace Sluice.Host.Tests.Webhooks.AsyncReplies;

public sealed class PreferenceTests
{
    [Theory]
    [InlineData("respond-async", true, null)]
    [InlineData("Respond-Async", true, null)]
    [InlineData("respond-async; foo=bar", true, null)]
    [InlineData("respond-async=\"\"", true, null)]
    [InlineData("wait=10", false, 10)]
    [InlineData("wait = 10", false, 10)]
    [InlineData("WAIT=\"7\"", false, 7)]
    [InlineData("wait=0", false, 0)]
    [InlineData("wait=99999999999999999999", false, int.MaxValue)]
    [InlineData("respond-async, wait=10", true, 10)]
    [InlineData("wait=10, respond-async", true, 10)]
    [InlineData("foo=\"a, wait=3\", wait=5", false, 5)]
    [InlineData("foo=\"\\\", wait=3\", wait=5", false, 5)]
    [InlineData("wait=5, wait=9", false, 5)]
    [InlineData("return=minimal, , ;;, =, respond-async", true, null)]
    [InlineData("respond-async, wait=soon", true, null)]
    public void What_it_says_of_waiting_is_read(string field, bool isAsync, int? wait) => Assert.Equal(new Preference(isAsync, wait), Preference.Parse(field));

    [Theory]
    [InlineData("")]
    [InlineData("return=minimal")]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=-1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=ten")]
    [InlineData("wait=ten, wait=10")]
    [InlineData("respond-async=yes")]
    [InlineData("respond-async=yes, respond-async")]
    [InlineData("foo;wait=10")]
    [InlineData("\"respond-async")]
    [InlineData("handling=lenient; respond-async")]
    public void What_says_nothing_of_waiting_or_is_malformed_is_passed_over(string field) => Assert.Null(Preference.Parse(field));

    [Fact]
    public void Several_fields_are_one_list() => Assert.Equal(new Preference(true, 3), Preference.Parse(new[] { "wait=3", "respond-async, wait=9" }));

    [Theory]
    [InlineData("respond-async", true)]
    [InlineData("wait=0", true)]
    [InlineData("respond-async, wait=0", true)]
    [InlineData("respond-async, wait=1", false)]
    [InlineData("wait=1", false)]
    public void A_caller_who_does_not_wait_is_told_from_one_who_waits_a_little(string field, bool isImmediate) =>
        Assert.Equal(isImmediate, Preference.Parse(field)!.IsImmediate);

    [Theory]
    [InlineData("respond-async", "respond-async")]
    [InlineData("wait=3", "wait=3")]
    [InlineData("wait=300, respond-async", "respond-async, wait=10")]
    public void What_was_applied_is_said_with_the_wait_that_the_deadline_left(string field, string applied) =>
        Assert.Equal(applied, Preference.Parse(field)!.CappedBy(TimeSpan.FromSeconds(9.5)).Applied);

    [Fact]
    public void Nothing_that_a_header_can_hold_breaks_it() =>
        Gen.String[Gen.Char[' ', '~'], 0, 40].Sample(text => Preference.Parse(text) is not { IsAsync: false, WaitSeconds: null });
}
