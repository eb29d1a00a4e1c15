namespace Sluice.Host.Webhooks.Gates;

/// <summary>
/// The gates in their order: what is cheap to refuse comes first, and nothing of a body is believed before its bytes are verified. Gates hold nothing of a
/// request. One that a workflow does not configure lets everything pass, at once.
/// </summary>
internal sealed class GateChain(
    AddressGate address,
    AdmissionGate admission,
    RateLimitGate rateLimits,
    HeaderAuthenticationGate headerAuthentication,
    BodyGate body,
    BodyAuthenticationGate bodyAuthentication,
    ParseGate parsing,
    ConditionGate condition,
    IdempotencyGate idempotency)
{
    /// <summary>Takes a request through all gates: to the start of a run, or to the answer that its caller gets instead.</summary>
    public async ValueTask<Passage<AdmittedRequest>> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var answer = address.Check(request) ?? admission.Check(request) ?? rateLimits.Check(request);
        if (answer is not null
            || !(await headerAuthentication.PassAsync(request, cancellationToken)).TryGet(out var screened, out answer)
            || (answer = rateLimits.Check(screened)) is not null
            || !(await body.PassAsync(screened, cancellationToken)).TryGet(out var received, out answer)
            || !bodyAuthentication.Pass(received).TryGet(out var verified, out answer)
            || (answer = rateLimits.Check(verified)) is not null
            || !(await parsing.PassAsync(verified, cancellationToken)).TryGet(out var parsed, out answer)
            || (answer = await RequestSchemaGate.CheckAsync(parsed, cancellationToken)) is not null
            || (answer = condition.Check(parsed)) is not null)
        {
            return Passage<AdmittedRequest>.Ended(answer);
        }

        return await idempotency.PassAsync(parsed, cancellationToken);
    }
}
