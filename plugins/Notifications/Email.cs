using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Sends an email over SMTP.</summary>
[Node("email", Name = "Email", Category = "Notifications & Messaging",
    Summary = "Sends an email over SMTP. Each attempt of the step sends the same Message-Id, so mail servers can drop duplicates.",
    OnRepeat = "The Message-Id is derived from the idempotency key. A mail server that recognizes it drops the second copy; others deliver both.")]
public sealed class Email() : Node<EmailConfig, EmailOutput>(EmailJson.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        new(
            "Plain text",
            new(
                "smtp.example.com", "Shop <shop@example.com>", ["ann@example.com"], "Your order", Text: "Thank you.",
                Username: "shop", Password: "secret"))
        {
            NeedsNetwork = true,
        },
        new(
            "HTML with an attachment, over TLS",
            new(
                "smtp.example.com", "shop@example.com", ["ann@example.com"], "Invoice", Html: "<p>Thank you.</p>",
                Bcc: ["archive@example.com"],
                Attachments: [new("invoice.csv", "id,amount\n1,9.50\n", ContentType: "text/csv")],
                Port: 465, Security: EmailSecurity.Tls))
        {
            NeedsNetwork = true,
        },
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(EmailConfig config) => EmailRules.Check(config);

    /// <inheritdoc/>
    protected override async ValueTask<NodeResult<EmailOutput>> RunAsync(EmailConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var messageId = MessageIdOf(config, context);
        using var message = MessageOf(config, context, messageId);
        using var client = new SmtpClient();
        try
        {
            await client.ConnectAsync(config.Host, config.Port, SocketOptions(config.Security), cancellationToken);
            if (config.Username is { } username)
            {
                await client.AuthenticateAsync(username, config.Password ?? "", cancellationToken);
            }

            await client.SendAsync(message, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && FailureOf(exception, config) is not null)
        {
            return FailureOf(exception, config)!;
        }

        await DisconnectAsync(client, context, cancellationToken);
        return new EmailOutput(true, messageId);
    }

    private static string MessageIdOf(EmailConfig config, NodeContext context)
    {
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(context.IdempotencyKey));
        return $"{Convert.ToHexStringLower(key.AsSpan(0, 16))}@{MailboxAddress.Parse(config.From).Domain}";
    }

    private static MimeMessage MessageOf(EmailConfig config, NodeContext context, string messageId)
    {
        var message = new MimeMessage
        {
            Subject = config.Subject,
            Date = context.Time.GetUtcNow(),
            MessageId = messageId,
        };
        message.From.Add(MailboxAddress.Parse(config.From));
        message.To.AddRange(config.To.Select(MailboxAddress.Parse));
        message.Cc.AddRange((config.Cc ?? []).Select(MailboxAddress.Parse));
        message.Bcc.AddRange((config.Bcc ?? []).Select(MailboxAddress.Parse));
        var body = new BodyBuilder { TextBody = config.Text, HtmlBody = config.Html };
        foreach (var attachment in config.Attachments ?? [])
        {
            body.Attachments.Add(attachment.Name, attachment.Bytes(), ContentType.Parse(attachment.ContentType));
        }

        message.Body = body.ToMessageBody();
        return message;
    }

    private static SecureSocketOptions SocketOptions(EmailSecurity security) => security switch
    {
        EmailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        EmailSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    // A 4yz reply is transient, a 5yz reply is permanent (RFC 5321, section 4.2.1).
    private static NodeFailure? FailureOf(Exception exception, EmailConfig config) => exception switch
    {
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted, Mailbox: { } mailbox } refused =>
            Answered($"{config.Host} rejected the recipient {mailbox.Address}", refused),
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted, Mailbox: { } mailbox } refused =>
            Answered($"{config.Host} rejected the sender {mailbox.Address}", refused),
        SmtpCommandException refused => Answered($"{config.Host} rejected the message", refused),
        AuthenticationException => new NodeFailure(FailureKind.Refused, $"{config.Host} rejected the user name or the password."),
        SslHandshakeException => new NodeFailure(FailureKind.Unavailable, $"{config.Host} has no valid certificate.", Retryable: true),
        NotSupportedException lacking => new NodeFailure(FailureKind.Refused, $"{config.Host} does not support what this message needs: {lacking.Message} See `security`."),
        SocketException or IOException or ProtocolException or TimeoutException or OperationCanceledException =>
            new NodeFailure(FailureKind.Unavailable, $"{config.Host}, port {config.Port}, cannot be reached or closed the connection.", Retryable: true),
        _ => null,
    };

    private static NodeFailure Answered(string what, SmtpCommandException refused)
    {
        var isTransient = (int)refused.StatusCode is >= 400 and < 500;
        return new NodeFailure(isTransient ? FailureKind.Unavailable : FailureKind.Refused, $"{what} ({(int)refused.StatusCode}): {refused.Message}", isTransient);
    }

    // The server has accepted the message, so the step has succeeded even if this fails.
    private static async Task DisconnectAsync(SmtpClient client, NodeContext context, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or CommandException or OperationCanceledException)
        {
            Microsoft.Extensions.Logging.LoggerExtensions.LogDebug(context.Logger, "The mail server closed the connection after it had accepted the message.");
        }
    }
}

/// <summary>The config of <see cref="Email"/>.</summary>
public sealed record EmailConfig(
    [Field("The host name of the mail server.", Example = "\"smtp.example.com\"")]
    string Host,
    [Field("The sender: an address, or a name and an address.", Example = "\"Shop <shop@example.com>\"")]
    string From,
    [Field("One or more recipients: each an address, or a name and an address.", Example = """["Ann <ann@example.com>"]""")]
    IReadOnlyList<string> To,
    [Field("The subject, one line.", Example = "\"Your order\"")]
    string Subject,
    [Field("The body as plain text. Set this, `html` or both; mail readers show the best format that they support.", Example = "\"Thank you.\"")]
    string? Text = null,
    [Field("The body as HTML.", Example = "\"<p>Thank you.</p>\"")]
    string? Html = null,
    [Field("Recipients of a copy.", Example = """["bob@example.com"]""")]
    IReadOnlyList<string>? Cc = null,
    [Field("Recipients of a copy that the others do not see.", Example = """["archive@example.com"]""")]
    IReadOnlyList<string>? Bcc = null,
    [Field("Files to attach, at most 10 MB together.")]
    IReadOnlyList<EmailAttachment>? Attachments = null,
    [Field("The port of the mail server.", Example = "465", Minimum = 1, Maximum = 65535)]
    int Port = 587,
    [Field("How the connection is encrypted.", Example = "\"tls\"")]
    EmailSecurity Security = EmailSecurity.StartTls,
    [Field("The user name to log in with. If omitted, there is no login.", Example = "\"shop\"")]
    string? Username = null,
    [Field("The password to log in with.", Secret = true)]
    string? Password = null);

/// <summary>How the connection to a mail server is secured.</summary>
public enum EmailSecurity
{
    [Field("Encrypted after STARTTLS (RFC 3207), usually on port 587. Fails if the server does not support it.")]
    StartTls,

    [Field("Encrypted from the start (RFC 8314), usually on port 465.")]
    Tls,

    [Field("Not encrypted. A password is sent only to a server on the same machine.")]
    None,
}

/// <summary>An attached file.</summary>
public sealed record EmailAttachment(
    [Field("The file name, without a folder.", Example = "\"invoice.csv\"")]
    string Name,
    [Field("The content as text. Set this or `base64`.", Example = "\"id,amount\"")]
    string? Content = null,
    [Field("The content as base64.", Example = "\"aWQsYW1vdW50\"")]
    string? Base64 = null,
    [Field("The media type.", Example = "\"text/csv\"")]
    string ContentType = "application/octet-stream")
{
    internal byte[] Bytes() => Base64 is { } encoded ? Convert.FromBase64String(encoded) : Encoding.UTF8.GetBytes(Content ?? "");
}

/// <summary>The output of <see cref="Email"/>.</summary>
public sealed record EmailOutput(
    [Field("Always true: the mail server accepted the message.")] bool Sent,
    [Field("The Message-Id, the same on every attempt of this step.", Example = "\"5f3a@example.com\"")] string MessageId);

[JsonSerializable(typeof(EmailConfig))]
[JsonSerializable(typeof(EmailOutput))]
internal sealed partial class EmailJson : JsonSerializerContext;
