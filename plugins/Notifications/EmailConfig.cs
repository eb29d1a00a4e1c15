using System.Text;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>How the connection to a mail server is secured.</summary>
public enum EmailSecurity
{
    /// <summary>Encrypted after STARTTLS.</summary>
    [Field("Encrypted after STARTTLS (RFC 3207), usually on port 587. Fails if the server does not support it.")]
    StartTls,

    /// <summary>Encrypted from the start.</summary>
    [Field("Encrypted from the start (RFC 8314), usually on port 465.")]
    Tls,

    /// <summary>Not encrypted.</summary>
    [Field("Not encrypted. A password is sent only to a server on the same machine.")]
    None,
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
