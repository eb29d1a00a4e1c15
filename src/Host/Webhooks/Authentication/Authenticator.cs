using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// Runs the verifier of a request's workflow, and turns a failure into a response and a recorded rejection. Unexpected errors reject the
/// request too.
/// </summary>
internal sealed partial class Authenticator(Verifiers verifiers, RejectionLog refusals, ILogger<Authenticator> log)
{
    private const string Mask = "***";

    private static readonly Refused Failed = new(RejectionReason.NotVerifiable, "The verification failed. The log has the details.");

    /// <summary>Verifies what is known before the body is read.</summary>
    public async ValueTask<Passage<ScreenedRequest>> CheckHeadersAsync(WebhookRequest request, WebhookAuth auth, CancellationToken cancellationToken)
    {
        var verifier = verifiers.Of(request.Workflow, auth);
        Verdict verdict;
        try
        {
            verdict = await verifier.CheckHeadersAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            verdict = Fail(request, exception);
        }

        if (verdict.Refused is { } refused)
        {
            return Passage<ScreenedRequest>.Ended(Refuse(request, verifier, refused));
        }

        var header = verifier.CredentialHeader;
        if (header is not null)
        {
            request.Http.Request.Headers[header] = Mask;
        }

        return new ScreenedRequest(request, new Sender(verdict.Identity, header));
    }

    /// <summary>Completes the verification with the body.</summary>
    public Passage<VerifiedRequest> CheckBody(in ReceivedRequest received, WebhookAuth auth)
    {
        var request = received.Arrival;
        var verifier = verifiers.Of(request.Workflow, auth);
        Verdict verdict;
        var identity = received.Sender.Identity;
        try
        {
            verdict = verifier.CheckBody(received);
            identity = verdict.Identity ?? identity;
            if (verdict.Refused is null && identity is null)
            {
                throw new InvalidOperationException($"{verifier.GetType().Name} verified a request without saying who sent it.");
            }
        }
        catch (Exception exception)
        {
            verdict = Fail(request, exception);
        }

        return verdict.Refused is { } refused ? Passage<VerifiedRequest>.Ended(Refuse(request, verifier, refused))
            : verifier.AnswerTo(received.Body.Span) is { } answer ? Passage<VerifiedRequest>.Ended(answer)
            : new VerifiedRequest(request, received.Sender with { Identity = identity }, received.Body);
    }

    private Unverified Refuse(WebhookRequest request, IVerifier verifier, Refused refused)
    {
        refusals.Add(request, refused.Reason, refused.Detail);
        return refused.Reason switch
        {
            RejectionReason.NotVerifiable => new Unverified(Problems.NotVerifiable, null),
            RejectionReason.NotPermitted => new Unverified(Problems.Forbidden, verifier.Challenge(refused)),
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

    /// <summary>The rejection as the caller sees it: without the part that was wrong.</summary>
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
