namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>A clock that a test may set back too; its timers are the system's.</summary>
internal sealed class TestClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1795420801);

    public override DateTimeOffset GetUtcNow() => Now;
}
