using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads the limits of a webhook: <c>max_concurrent</c> and <c>rate_limit</c>.</summary>
internal static class LimitReader
{
    private const int Most = 1_000_000;
    private const string HeaderPrefix = "headers.";
    private const string ParameterPrefix = "params.";

    private static readonly ImmutableArray<string> Known = ["requests", "per", "by"];
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    /// <summary>Reads the limits; each is null if omitted or invalid.</summary>
    /// <param name="fields">The webhook's config.</param>
    /// <param name="path">The webhook's path, if it could be parsed.</param>
    public static (int? MaxConcurrent, RateLimit? RateLimit) Read(Fields fields, PathPattern? path) =>
        (fields.Count("max_concurrent", 1, Most), fields.Object("rate_limit") is { } limit ? ReadRate(fields.Below("rate_limit", limit), path, IsAuthenticated(fields)) : null);

    private static bool IsAuthenticated(Fields fields) => fields["auth"] is SourceNode.Object auth && auth["type"] is SourceNode.Text { Value: not "none" };

    private static RateLimit? ReadRate(Fields fields, PathPattern? path, bool isAuthenticated)
    {
        fields.RefuseUnknown(Known, []);
        fields.Require("requests", "how many requests are taken, such as 100");
        fields.Require("per", "in how long a time, such as 1m");
        var requests = fields.Count("requests", 1, Most);
        var per = fields.Duration("per");
        if (per is { } time && (time <= TimeSpan.Zero || time > LongestTime))
        {
            fields.Note("bad-duration", "The period of a rate limit must be longer than 0 and at most 24h.", "per", fields["per"]!.At);
            per = null;
        }

        var by = fields.Text("by") is { } text ? ReadKey(fields, text, path, isAuthenticated) : null;
        return requests is null || per is null ? null : new RateLimit(requests.Value, per.Value, by);
    }

    // Named like a reference below trigger.output, but read before there is a trigger to evaluate an expression against.
    private static RateLimitKey? ReadKey(Fields fields, SourceNode.Text text, PathPattern? path, bool isAuthenticated)
    {
        switch (text.Value)
        {
            case "remote_ip":
                return new RateLimitKey(RateLimitSource.RemoteIp, "");
            case "identity" when isAuthenticated:
                return new RateLimitKey(RateLimitSource.Identity, "");
            case "identity":
                fields.Note("missing-field", "'by: identity' counts verified senders, and this webhook verifies none. Add 'auth', or count by remote_ip.", "by", text.At);
                return null;
        }

        if (text.Value.StartsWith(HeaderPrefix, StringComparison.Ordinal) && text.Value.Length > HeaderPrefix.Length)
        {
            return new RateLimitKey(RateLimitSource.Header, text.Value[HeaderPrefix.Length..].ToLowerInvariant());
        }

        if (text.Value.StartsWith(ParameterPrefix, StringComparison.Ordinal))
        {
            var name = text.Value[ParameterPrefix.Length..];
            if (path is null || path.Parameters.Contains(name))
            {
                return new RateLimitKey(RateLimitSource.Parameter, name);
            }

            fields.Note("unknown-member", $"The path has no parameter '{name}'.{DidYouMean.Hint(name, path.Parameters)} Put it into the path, such as /orders/{{id}}.", "by", text.At);
            return null;
        }

        var message = $"'by' can't be '{text.Value}'.{DidYouMean.Hint(text.Value, ["remote_ip", "identity"])} Allowed: remote_ip, identity, headers.NAME, params.NAME.";
        fields.Note("unknown-value", message, "by", text.At);
        return null;
    }
}
