using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Asks the verifier of a request's workflow, and turns what it says into an answer and a refusal on record. Whatever goes wrong on the way, nobody gets in by it.</summary>
internal sealed partial class Authenticator(Verifiers verifiers, RefusalLog refusals, ILogger<Authenticator> log)
{
    private const string Mask = "***";

    private static readonly Refused Failed = new(RefusalReason.NotVerifiable, "The verification failed. The log has the details.");

    /// <summary>What can be said before the body is read; null where nothing is wrong so far.</summary>
    public async ValueTask<IEarlyAnswer?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var verifier = verifiers.Of(request.Workflow, request.Trigger.Auth!);
        Refused? refused;
        try
        {
            refused = await verifier.CheckHeadersAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            refused = Fail(request, exception);
        }

        if (refused is null && verifier.CredentialHeader is { } header)
        {
            request.Http.Request.Headers[header] = Mask;
            request.MaskedHeader = header;
        }

        return refused is null ? null : Refuse(request, verifier, refused);
    }

    /// <summary>The rest, on the body; null where the request is verified, and one for a run.</summary>
    public IEarlyAnswer? CheckBody(WebhookRequest request)
    {
        var verifier = verifiers.Of(request.Workflow, request.Trigger.Auth!);
        Refused? refused;
        try
        {
            refused = verifier.CheckBody(request);
            if (refused is null && request.Identity is null)
            {
                throw new InvalidOperationException($"{verifier.GetType().Name} verified a request without saying who sent it.");
            }
        }
        catch (Exception exception)
        {
            refused = Fail(request, exception);
        }

        return refused is null ? verifier.AnswerTo(request) : Refuse(request, verifier, refused);
    }

    private Unverified Refuse(WebhookRequest request, IVerifier verifier, Refused refused)
    {
        refusals.Add(request, refused.Reason, refused.Detail);
        return refused.Reason switch
        {
            RefusalReason.NotVerifiable => new Unverified(Problems.NotVerifiable, null),
            RefusalReason.NotPermitted => new Unverified(Problems.Forbidden, verifier.Challenge(refused)),
            _ => new Unverified(Problems.Unauthorized, verifier.Challenge(refused)),
        };
    }

    private Refused Fail(WebhookRequest request, Exception exception)
    {
        LogFailure(exception, request.Workflow.Name);
        return Failed;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Verifying a request to {Workflow} failed, so it was rejected")]
    private partial void LogFailure(Exception exception, string workflow);

    /// <summary>A refusal as the caller gets it: which part was wrong is not in it.</summary>
    private sealed record Unverified(HttpProblem Problem, string? Challenge) : IEarlyAnswer
    {
        public Task WriteAsync(HttpContext http)
        {
            if (Challenge is not null)
            {
                http.Response.Headers.WWWAuthenticate = Challenge;
            }

            return Problem.WriteAsync(http);
        }
    }
}
