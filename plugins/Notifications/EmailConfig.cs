using System.Text;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>How the connection to a mail server is secured.</summary>
public enum EmailSecurity
{
    /// <summary>Encrypted after STARTTLS.</summary>
    [Field("Encrypted after STARTTLS (RFC 3207), usually port 587; fails where the server offers none.")]
    StartTls,

    /// <summary>Encrypted from the start.</summary>
    [Field("Encrypted from the start (RFC 8314), usually port 465.")]
    Tls,

    /// <summary>Not encrypted.</summary>
    [Field("Not encrypted; a password is then sent to a server on this machine only.")]
    None,
}

/// <summary>The config of <see cref="Email"/>.</summary>
public sealed record EmailConfig(
    [Field("The mail server's name.", Example = "\"smtp.example.com\"")]
    string Host,
    [Field("The sender: an address, or a name and an address.", Example = "\"Shop <shop@example.com>\"")]
    string From,
    [Field("The recipients, at least one; each an address, or a name and an address.", Example = """["Ann <ann@example.com>"]""")]
    IReadOnlyList<string> To,
    [Field("The subject, one line.", Example = "\"Your order\"")]
    string Subject,
    [Field("The body as plain text. Give this, `html` or both; a reader is shown the better one that it can show.", Example = "\"Thank you.\"")]
    string? Text = null,
    [Field("The body as HTML.", Example = "\"<p>Thank you.</p>\"")]
    string? Html = null,
    [Field("Recipients of a copy; none by default.", Example = """["bob@example.com"]""")]
    IReadOnlyList<string>? Cc = null,
    [Field("Recipients of a copy whom the others don't see; none by default.", Example = """["archive@example.com"]""")]
    IReadOnlyList<string>? Bcc = null,
    [Field("Files to send along, 10 MB together at most; none by default.")]
    IReadOnlyList<EmailAttachment>? Attachments = null,
    [Field("The mail server's port; 587 by default.", Example = "465", Minimum = 1, Maximum = 65535)]
    int Port = 587,
    [Field("How the connection is secured; `start_tls` by default.", Example = "\"tls\"")]
    EmailSecurity Security = EmailSecurity.StartTls,
    [Field("The user name to log in with; by default there is no log-in.", Example = "\"shop\"")]
    string? Username = null,
    [Field("The password to log in with.", Secret = true)]
    string? Password = null);

/// <summary>A file that is sent along.</summary>
public sealed record EmailAttachment(
    [Field("The file's name, without a folder.", Example = "\"invoice.csv\"")]
    string Name,
    [Field("What the file holds, as text. Give this or `base64`.", Example = "\"id,amount\"")]
    string? Content = null,
    [Field("What the file holds, as base64.", Example = "\"aWQsYW1vdW50\"")]
    string? Base64 = null,
    [Field("The media type; `application/octet-stream` by default.", Example = "\"text/csv\"")]
    string ContentType = "application/octet-stream")
{
    internal byte[] Bytes() => Base64 is { } encoded ? Convert.FromBase64String(encoded) : Encoding.UTF8.GetBytes(Content ?? "");
}

/// <summary>The output of <see cref="Email"/>.</summary>
public sealed record EmailOutput(
    [Field("True: the mail server has taken the message over.")] bool Sent,
    [Field("The Message-Id, the same on every attempt of this step.", Example = "\"5f3a@example.com\"")] string MessageId);
