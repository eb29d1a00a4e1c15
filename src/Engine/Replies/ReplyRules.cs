using Sluice.Engine.Definitions;
using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>Checks a reply before it is sent: statuses and fields of RFC 9110, and the host's limits.</summary>
internal static class ReplyRules
{
    // Framing and connection fields (RFC 9110, section 7.6.1; RFC 9112, section 6) and the host's own fields about the run.
    private static readonly string[] HostOwned =
        ["Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "Trailer", "TE", "Proxy-Connection", "Sluice-Run-Id", "Sluice-Answer", "Idempotent-Replayed"];

    /// <exception cref="ReplyRefusedException">The reply breaks a rule. The message names the rule and how to fix it.</exception>
    public static void Check(Reply reply, int maxBodyBytes)
    {
        CheckStatus(reply);
        if (reply.Body.Length > maxBodyBytes)
        {
            throw new ReplyRefusedException(
                $"The reply's body has {reply.Body.Length} bytes and the host sends {maxBodyBytes} at most. Send less, or raise Webhooks:MaxReplyBytes.");
        }

        if (reply is { Blob: not null, Body.IsEmpty: false })
        {
            throw new ReplyRefusedException("A reply has a body of bytes or a file of the run, not both. Leave one out.");
        }

        foreach (var (name, value) in reply.Headers)
        {
            CheckField(name, value);
        }

        if (reply.ContentType is { } contentType)
        {
            CheckField("Content-Type", contentType);
        }
    }

    /// <exception cref="ReplyRefusedException">The name or the value breaks a rule. The message names the rule and how to fix
    /// it.</exception>
    public static void CheckField(string name, string value)
    {
        if (!HeaderName.IsOne(name))
        {
            throw new ReplyRefusedException(
                $"\"{Printable(name)}\" is not a header name: letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110, section 5.1).");
        }

        if (HostOwned.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ReplyRefusedException($"The header {name} belongs to the host. Leave it out.");
        }

        // RFC 9110, section 5.5: visible characters, space and tab. CR, LF and NUL would allow header injection; non-ASCII has no agreed
        // encoding.
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value.Any(c => c is not '\t' and (< ' ' or > '~')))
        {
            throw new ReplyRefusedException(
                $"The value of the header {name} holds a control or non-ASCII character, which no header may (RFC 9110, section 5.5). Encode it.");
        }
    }

    private static void CheckStatus(Reply reply)
    {
        if (reply.Status is < 200 or > 599)
        {
            throw new ReplyRefusedException(
                $"Status {reply.Status} can't end an exchange: a reply has one of 200 to 599 (RFC 9110, section 15; 1xx are interim).");
        }

        if (reply.Status is 204 or 205 or 304 && (reply.Body.Length > 0 || reply.Blob is not null))
        {
            throw new ReplyRefusedException(
                $"Status {reply.Status} has no body (RFC 9110, sections 15.3.5, 15.3.6, 15.4.5). Leave the body out, or use 200.");
        }
    }

    private static string Printable(string text) => new([.. text.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);
}
