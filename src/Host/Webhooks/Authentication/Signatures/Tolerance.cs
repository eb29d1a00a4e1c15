using Sluice.Engine.Definitions;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Reads the field <c>tolerance</c>: how far a request's timestamp may differ from the host's clock.</summary>
internal static class Tolerance
{
    /// <summary>The default of Standard Webhooks, Stripe and Slack.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _longest = TimeSpan.FromHours(24);

    public static TimeSpan Read(Fields fields)
    {
        var tolerance = fields.Duration("tolerance") ?? Default;
        if (tolerance <= TimeSpan.Zero || tolerance > _longest)
        {
            fields.Note("bad-duration", "The tolerance is longer than 0 and at most 24h; a longer one would let old requests be sent again.", "tolerance", fields["tolerance"]!.At);
        }

        return tolerance;
    }
}
