namespace Sluice.Sdk;

/// <summary>Sends the reply of a run to its caller. A run has at most one reply; later ones get a receipt with the reason.</summary>
public interface IResponder
{
    /// <summary>
    /// Offers a reply. The host sends it as soon as it is durable; the run continues. If the caller has disconnected, the receipt says so.
    /// </summary>
    /// <param name="reply">The reply.</param>
    /// <param name="cancellationToken">Cancels the wait for the receipt.</param>
    /// <returns>Whether the caller gets this reply, and if not, why.</returns>
    /// <exception cref="ReplyRefusedException">The reply is invalid: its status, a header, or the size of its body.</exception>
    ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken);
}

/// <summary>An HTTP response that a run sends to its caller.</summary>
/// <param name="Status">The HTTP status (RFC 9110, section 15), 200 to 599.</param>
/// <param name="Body">The body's bytes; must be empty with 204, 205 and 304.</param>
public sealed record Reply(int Status, ReadOnlyMemory<byte> Body = default)
{
    /// <summary>The <c>Content-Type</c>; null, the default, for none.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// A file of this run to send as the body, instead of <see cref="Body"/>: the <c>blob</c> of one of <c>trigger.output.files</c>. The host streams it. A
    /// reply with a file that the run does not have is rejected. Null by default. Since 1.1.
    /// </summary>
    public string? Blob { get; init; }

    /// <summary>
    /// Whether the host sends <c>Content-Security-Policy: sandbox</c> with an HTML, SVG or XML body, so that no script in it runs in the origin of the
    /// webhooks. Set it to false only for content that you wrote yourself. True by default. Since 1.1.
    /// </summary>
    public bool Sandbox { get; init; } = true;

    /// <summary>
    /// Further headers, in order; a name can occur several times. Names and values follow RFC 9110, section 5. <c>Content-Length</c>,
    /// <c>Transfer-Encoding</c> and <c>Connection</c> are set by the host; a reply with one of them is rejected. Empty by default.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>The result of a reply.</summary>
/// <param name="Sent">Whether the caller gets this reply.</param>
/// <param name="Reason">Why it was not sent, as a sentence; null if it was.</param>
public sealed record ReplyReceipt(bool Sent, string? Reason = null);

/// <summary>The exception for a reply that is not a valid HTTP response. The message names the rule and the fix.</summary>
public sealed class ReplyRefusedException : Exception
{
    /// <summary>Initializes an exception without a message.</summary>
    public ReplyRefusedException()
    {
    }

    /// <summary>Initializes an exception with the rule that the reply breaks.</summary>
    public ReplyRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with the rule that the reply breaks, and its cause.</summary>
    public ReplyRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
