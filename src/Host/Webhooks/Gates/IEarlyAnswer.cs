namespace Sluice.Host.Webhooks.Gates;

/// <summary>An answer that a caller gets without a run.</summary>
internal interface IEarlyAnswer
{
    Task WriteAsync(HttpContext http);
}

/// <summary>An answer of a status alone: no body, no run.</summary>
internal sealed class EmptyAnswer(int status) : IEarlyAnswer
{
    public static readonly EmptyAnswer NoContent = new(StatusCodes.Status204NoContent);

    /// <summary>Nobody reads it but the log: the connection is closed.</summary>
    public static readonly EmptyAnswer ConnectionClosed = new(StatusCodes.Status499ClientClosedRequest);

    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
