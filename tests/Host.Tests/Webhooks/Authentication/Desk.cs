using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Engine.Secrets;
using Sluice.Engine.Text;
using Sluice.Host.Cli;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Schemes;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>The authentication of one webhook, without a server: what a request is answered, and what is kept of it.</summary>
internal sealed class Desk : IRejectionStore, ISecrets, IAsyncDisposable
{
    private readonly LiveWorkflow _workflow;
    private readonly Authenticator _authenticator;
    private readonly Dictionary<string, string> _secrets;
    private readonly RejectionLog _log;
    private readonly List<RejectedRequest> _kept = [];

    /// <param name="auth">The setting, in YAML's flow style.</param>
    /// <param name="secrets">The host's secrets.</param>
    /// <param name="clock">The host's clock.</param>
    /// <param name="directory">Where the files of key sets are.</param>
    /// <param name="anyAge">Whether age is not judged.</param>
    /// <param name="http">What addresses are asked with.</param>
    public Desk(string auth, Dictionary<string, string> secrets, TimeProvider clock, string directory = ".", bool anyAge = false, HttpClient? http = null)
    {
        _secrets = secrets;
        var (definition, problems) = WorkflowReader.Read($"name: desk\ntrigger: {{ type: webhook, config: {{ path: /desk, auth: {auth} }} }}\nsteps: [ {{ key: a, type: stop }} ]");
        var trigger = new List<Problem>(problems);
        var webhook = TriggerReader.Read(definition!.Trigger, SchemeList.All, trigger);
        Assert.Empty(trigger);
        _workflow = new LiveWorkflow(
            new StoredWorkflow("desk", 1, "", "api", true, clock.GetUtcNow()),
            new CompiledWorkflow { Name = "desk", Definition = definition, Webhook = webhook, Trigger = TriggerExpressions.None, Steps = [], Replies = false, Secrets = [] });
        _log = new RejectionLog(this, new RejectionRetention(100, TimeSpan.FromDays(1)), clock, NullLogger<RejectionLog>.Instance);
        var verifiers = new Verifiers(
            this, new Freshness(clock, anyAge), null, new KeySetLoader(http ?? new HttpClient(), directory), clock, NullLogger<Verifiers>.Instance);
        _authenticator = new Authenticator(verifiers, _log, NullLogger<Authenticator>.Instance);
    }

    public IReadOnlyCollection<string> Names => _secrets.Keys;

    public SecretMasks Masks => field ??= new SecretMasks(this);

    public string? Find(string name) => _secrets.GetValueOrDefault(name);

    /// <summary>Null where the request is verified, and for a run; else the answer, and what was kept.</summary>
    public async Task<Turned?> AskAsync(RecordedRequest recorded)
    {
        var http = recorded.ToHttp("/hooks/desk");
        var request = new WebhookRequest(http, _workflow, [], new BodyMemory(1_000_000).NewShare());
        var auth = request.Trigger.Auth!;
        if ((await _authenticator.CheckHeadersAsync(request, auth, TestContext.Current.CancellationToken)).TryGet(out var screened, out var answer)
            && _authenticator.CheckBody(new ReceivedRequest(request, screened.Sender, recorded.Body), auth).TryGet(out _, out answer))
        {
            return null;
        }

        await answer.WriteAsync(http);
        await _log.WriteAsync(TestContext.Current.CancellationToken);
        var body = System.Text.Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
        return new Turned(http.Response.StatusCode, http.Response.Headers.WWWAuthenticate.ToString(), body, _kept.LastOrDefault());
    }

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    public ValueTask AddAsync(IReadOnlyList<RejectedRequest> refusals, RejectionRetention retention, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _kept.AddRange(refusals);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<RejectedRequest>> ListAsync(RejectionFilter filter, CancellationToken cancellationToken) => new(_kept);
}

/// <summary>What a request got that was not for a run.</summary>
internal sealed record Turned(int Status, string Challenge, string Body, RejectedRequest? Kept);
