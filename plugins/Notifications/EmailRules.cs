using System.Buffers.Text;
using System.Net;
using MimeKit;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>What a config of <see cref="Email"/> must be, beyond what its schema says.</summary>
internal static class EmailRules
{
    private const int MostAttachmentBytes = 10_000_000;

    private static readonly ParserOptions Strict = new() { AddressParserComplianceMode = RfcComplianceMode.Strict, AllowAddressesWithoutDomain = false };

    public static IReadOnlyList<ConfigProblem> Check(EmailConfig config)
    {
        List<ConfigProblem> problems = [];
        AddIf(config.Host.Length == 0 || config.Host.Any(char.IsWhiteSpace), "host", "A mail server's name has no spaces and is not empty.");
        AddIf(!IsAddress(config.From), "from", NoAddress);
        AddIf(config.To.Count == 0, "to", "A message needs at least one recipient.");
        AddIf(HasLineBreak(config.Subject), "subject", "A subject is one line.");
        AddIf(config is { Text: null, Html: null }, "text", "A message needs a body: give `text`, `html` or both.");
        AddIf(config.Password is not null && config.Username is null, "password", "A password needs a `username`.");
        AddIf(
            config is { Security: EmailSecurity.None, Password: not null } && !IsThisMachine(config.Host),
            "security",
            "A password is not sent unencrypted to another machine; use `start_tls` or `tls`.");
        CheckAddresses(config.To, "to");
        CheckAddresses(config.Cc ?? [], "cc");
        CheckAddresses(config.Bcc ?? [], "bcc");
        CheckAttachments(config.Attachments ?? []);
        return problems;

        void AddIf(bool broken, string path, string message)
        {
            if (broken)
            {
                problems.Add(new ConfigProblem(path, message));
            }
        }

        void CheckAddresses(IReadOnlyList<string> addresses, string field)
        {
            for (var index = 0; index < addresses.Count; index++)
            {
                AddIf(!IsAddress(addresses[index]), $"{field}[{index}]", NoAddress);
            }
        }

        void CheckAttachments(IReadOnlyList<EmailAttachment> attachments)
        {
            for (var index = 0; index < attachments.Count; index++)
            {
                var (at, one) = ($"attachments[{index}]", attachments[index]);
                AddIf(one.Name.Length == 0 || one.Name.AsSpan().ContainsAny("/\\\r\n\0"), $"{at}.name", "A file's name is one line without slashes.");
                AddIf(one.Content is null == one.Base64 is null, $"{at}.content", "Give `content` or `base64`, one of the two.");
                AddIf(one.Base64 is { } encoded && !Base64.IsValid(encoded), $"{at}.base64", "This is no base64.");
                AddIf(HasLineBreak(one.ContentType) || !ContentType.TryParse(one.ContentType, out _), $"{at}.content_type", "A media type looks like `text/csv`.");
            }

            AddIf(
                attachments.Sum(one => (long)(one.Content?.Length ?? one.Base64?.Length * 3L / 4 ?? 0)) > MostAttachmentBytes,
                "attachments",
                "Attachments hold 10 MB together at most; send a link to larger ones.");
        }
    }

    private const string NoAddress = "This is no email address; write `ann@example.com` or `Ann <ann@example.com>`.";

    private static bool IsAddress(string text) =>
        !HasLineBreak(text) && MailboxAddress.TryParse(Strict, text, out var address) && address.Domain.Length > 0;

    // CR and LF would begin another header (RFC 5322, section 2.2).
    private static bool HasLineBreak(string text) => text.AsSpan().ContainsAny("\r\n\0");

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
