namespace Sluice.Sdk;

/// <summary>The host-owned channel that a run's reply travels through. One reply wins; every later one is told why it did not.</summary>
public interface IResponder
{
    /// <summary>
    /// Offers a reply. It leaves the host once it is durable, while the run goes on. Never throws for a caller who is gone: the receipt says so.
    /// </summary>
    /// <exception cref="ReplyRefusedException">The reply can't be sent as it is: a bad status, header or body size.</exception>
    ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken);
}

/// <summary>An HTTP response that a run sends to its caller.</summary>
/// <param name="Status">The HTTP status (RFC 9110, section 15), 200 to 599.</param>
/// <param name="Body">The body's bytes; must be empty with 204, 205 and 304.</param>
public sealed record Reply(int Status, ReadOnlyMemory<byte> Body = default)
{
    /// <summary>The <c>Content-Type</c>; null for none.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// A file of this run to send as the body, in the place of <see cref="Body"/>: the <c>blob</c> of one of <c>trigger.output.files</c>. The host streams it
    /// from where it lies. A reply that names a file which this run does not have is refused. Null by default. Since 1.1.
    /// </summary>
    public string? Blob { get; init; }

    /// <summary>
    /// Whether the host sends <c>Content-Security-Policy: sandbox</c> with an HTML, SVG or XML body, so that no script in it runs in the origin of the
    /// webhooks. Set it to false only for content that you wrote yourself. True by default. Since 1.1.
    /// </summary>
    public bool Sandbox { get; init; } = true;

    /// <summary>
    /// Further headers in order; a name may stand more than once. Names and values follow RFC 9110, section 5. <c>Content-Length</c>,
    /// <c>Transfer-Encoding</c> and <c>Connection</c> belong to the host and are refused.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>What became of a reply.</summary>
/// <param name="Sent">True where this reply is the one the caller gets.</param>
/// <param name="Reason">Where it was not sent, why: a sentence.</param>
public sealed record ReplyReceipt(bool Sent, string? Reason = null);

/// <summary>A reply that no HTTP caller could be given: the message names the rule and the cure.</summary>
public sealed class ReplyRefusedException : Exception
{
    /// <summary>An exception without a message.</summary>
    public ReplyRefusedException()
    {
    }

    /// <summary>An exception that says which rule the reply breaks.</summary>
    public ReplyRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says which rule the reply breaks, and what found it.</summary>
    public ReplyRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
