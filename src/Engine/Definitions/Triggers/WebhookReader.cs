using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads the config of a webhook trigger. Each group of settings has its own reader.</summary>
internal static class WebhookReader
{
    private static readonly ImmutableArray<string> Known =
        ["path", "methods", "deadline", "when", "auth", "allow_ips", "on_deadline", "acknowledge", "on_disconnect", "max_concurrent", "rate_limit", "request", "cors", "body", "idempotency"];
    private static readonly ImmutableArray<string> Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromHours(1);

    /// <summary>Reads the config; null if it has no path to listen on.</summary>
    public static WebhookTrigger? Read(SourceNode.Object config, AuthSchemes schemes, ICollection<Problem> problems)
    {
        var fields = new Fields(config, "trigger.config", null, problems);
        fields.RefuseUnknown(Known, []);
        fields.Require("path", "the path below /hooks that the webhook listens on, such as /orders/{id}");
        var path = ReadPath(fields);
        var methods = ReadMethods(fields);
        var deadline = fields.Duration("deadline");
        if (deadline is { } time && (time <= TimeSpan.Zero || time > LongestDeadline))
        {
            fields.Note("bad-duration", "The deadline must be longer than 0 and at most 1h.", "deadline", fields["deadline"]!.At);
        }

        var (auth, allowed) = (schemes.Read(fields, problems), NetworkReader.Read(fields));
        var when = fields.Condition("when");
        var limits = LimitReader.Read(fields, path);
        var request = RequestReader.Read(fields, problems);
        var cors = CorsReader.Read(fields, methods);
        var body = BodyReader.Read(fields);
        var idempotency = IdempotencyReader.Read(fields, schemes.DeliveryKeys);
        return path is null
            ? null
            : new WebhookTrigger(path.ToString(), methods, deadline)
            {
                When = when,
                OnDeadline = fields.Object("on_deadline"),
                Acknowledge = fields.Object("acknowledge"),
                CancelsOnDisconnect = fields.Word("on_disconnect", ["continue", "cancel"]) == "cancel",
                MaxConcurrent = limits.MaxConcurrent,
                RateLimit = limits.RateLimit,
                Request = request,
                Auth = auth,
                AllowIps = allowed,
                Cors = cors,
                Body = body,
                Idempotency = idempotency,
            };
    }

    private static PathPattern? ReadPath(Fields fields)
    {
        if (fields.Text("path") is not { } text)
        {
            return null;
        }

        var (pattern, wrong) = PathPattern.Parse(text.Value);
        if (wrong is not null)
        {
            fields.Note("bad-path", wrong, "path", text.At);
        }

        return pattern;
    }

    private static ImmutableArray<string> ReadMethods(Fields fields)
    {
        if (fields["methods"] is null)
        {
            return ["POST"];
        }

        var methods = ImmutableArray.CreateBuilder<string>();
        foreach (var item in fields.OneOrMany("methods", "one method"))
        {
            AddMethod(item, methods, fields);
        }

        return methods.DrainToImmutable();
    }

    private static void AddMethod(SourceNode item, ImmutableArray<string>.Builder methods, Fields fields)
    {
        var method = (item as SourceNode.Text)?.Value.ToUpperInvariant();
        if (method is null)
        {
            fields.Note("wrong-type", $"A method must be a string, such as POST, not {item.TypeInWords()}.", "methods", item.At);
        }
        else if (!Methods.Contains(method))
        {
            var message = $"A webhook can't take the method '{method}'.{DidYouMean.Hint(method, Methods)} Methods: {string.Join(", ", Methods)}.";
            fields.Note("unknown-method", message, "methods", item.At);
        }
        else if (!methods.Contains(method))
        {
            methods.Add(method);
        }
    }
}
