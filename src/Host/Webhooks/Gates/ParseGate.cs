namespace Sluice.Host.Webhooks.Gates;

/// <summary>Reads the request into what a run starts from.</summary>
internal sealed class ParseGate : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var (data, problem) = RequestParser.Parse(request.Http, request.Parameters, request.Body);
        request.Data = data;
        return new(problem);
    }
}
