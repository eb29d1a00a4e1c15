using System.Buffers.Text;
using System.Net;
using MimeKit;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Checks what the schema of <see cref="EmailConfig"/> cannot express.</summary>
internal static class EmailRules
{
    private const int MostAttachmentBytes = 10_000_000;

    private static readonly ParserOptions Strict = new() { AddressParserComplianceMode = RfcComplianceMode.Strict, AllowAddressesWithoutDomain = false };

    public static IReadOnlyList<ConfigProblem> Check(EmailConfig config)
    {
        List<ConfigProblem> problems = [];
        AddIf(config.Host.Length == 0 || config.Host.Any(char.IsWhiteSpace), "host", "The host name must not be empty or contain spaces.");
        AddIf(!IsAddress(config.From), "from", NoAddress);
        AddIf(config.To.Count == 0, "to", "The list is empty. Add at least one recipient.");
        AddIf(HasLineBreak(config.Subject), "subject", "The subject must be one line.");
        AddIf(config is { Text: null, Html: null }, "text", "The message has no body. Set `text`, `html` or both.");
        AddIf(config.Password is not null && config.Username is null, "password", "There is a password but no `username`. Set both or none.");
        AddIf(
            config is { Security: EmailSecurity.None, Password: not null } && !IsThisMachine(config.Host),
            "security",
            "The password would be sent unencrypted to another machine. Use `start_tls` or `tls`.");
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
                AddIf(one.Name.Length == 0 || one.Name.AsSpan().ContainsAny("/\\\r\n\0"), $"{at}.name", "The file name must be one line without slashes.");
                AddIf(one.Content is null == one.Base64 is null, $"{at}.content", "Set either `content` or `base64`.");
                AddIf(one.Base64 is { } encoded && !Base64.IsValid(encoded), $"{at}.base64", "This is not base64.");
                AddIf(HasLineBreak(one.ContentType) || !ContentType.TryParse(one.ContentType, out _), $"{at}.content_type", "This is not a media type. Use one such as `text/csv`.");
            }

            AddIf(
                attachments.Sum(one => (long)(one.Content?.Length ?? one.Base64?.Length * 3L / 4 ?? 0)) > MostAttachmentBytes,
                "attachments",
                "The attachments have more than 10 MB together. Send links to larger files.");
        }
    }

    private const string NoAddress = "This is not an email address. Use `ann@example.com` or `Ann <ann@example.com>`.";

    private static bool IsAddress(string text) =>
        !HasLineBreak(text) && MailboxAddress.TryParse(Strict, text, out var address) && address.Domain.Length > 0;

    // A line break would start another header (RFC 5322, section 2.2).
    private static bool HasLineBreak(string text) => text.AsSpan().ContainsAny("\r\n\0");

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
