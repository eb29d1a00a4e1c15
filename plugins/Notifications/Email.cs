using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
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
[NodeExample("Plain text", """
    {"host":"smtp.example.com","from":"Shop <shop@example.com>","to":["ann@example.com"],"subject":"Your order","text":"Thank you.","username":"shop","password":"secret"}
    """, NeedsNetwork = true)]
[NodeExample("HTML with an attachment, over TLS", """
    {"host":"smtp.example.com","port":465,"security":"tls","from":"shop@example.com","to":["ann@example.com"],"bcc":["archive@example.com"],"subject":"Invoice",
     "html":"<p>Thank you.</p>","attachments":[{"name":"invoice.csv","content_type":"text/csv","content":"id,amount\n1,9.50\n"}]}
    """, NeedsNetwork = true)]
public sealed class Email() : Node<EmailConfig, EmailOutput>(Json.Default)
{
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

        await SayGoodbyeAsync(client, context, cancellationToken);
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

    // A 4yz answer is for now, a 5yz answer is for good (RFC 5321, section 4.2.1).
    private static NodeFailure? FailureOf(Exception exception, EmailConfig config) => exception switch
    {
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted, Mailbox: { } mailbox } refused =>
            Answered($"{config.Host} does not take mail for {mailbox.Address}", refused),
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted, Mailbox: { } mailbox } refused =>
            Answered($"{config.Host} does not take mail from {mailbox.Address}", refused),
        SmtpCommandException refused => Answered($"{config.Host} refused the message", refused),
        AuthenticationException => new NodeFailure(FailureKind.Refused, $"{config.Host} did not accept the user name and password."),
        SslHandshakeException => new NodeFailure(FailureKind.Unavailable, $"{config.Host} offered no valid certificate.", Retryable: true),
        NotSupportedException lacking => new NodeFailure(FailureKind.Refused, $"{config.Host} lacks what this message needs: {lacking.Message} See `security`."),
        SocketException or IOException or ProtocolException or TimeoutException or OperationCanceledException =>
            new NodeFailure(FailureKind.Unavailable, $"{config.Host}, port {config.Port}, could not be reached or hung up.", Retryable: true),
        _ => null,
    };

    private static NodeFailure Answered(string what, SmtpCommandException refused)
    {
        var forNow = (int)refused.StatusCode is >= 400 and < 500;
        return new NodeFailure(forNow ? FailureKind.Unavailable : FailureKind.Refused, $"{what} ({(int)refused.StatusCode}): {refused.Message}", forNow);
    }

    // The server has the message by now: whatever goes wrong with the goodbye, the step has succeeded.
    private static async Task SayGoodbyeAsync(SmtpClient client, NodeContext context, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or CommandException or OperationCanceledException)
        {
            Microsoft.Extensions.Logging.LoggerExtensions.LogDebug(context.Logger, "The mail server hung up after it had taken the message.");
        }
    }
}
