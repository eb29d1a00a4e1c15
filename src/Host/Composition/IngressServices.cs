using Sluice.Engine.Blobs;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Embedding;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Outbound;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage;
using Sluice.Host.Configuration;
using Sluice.Host.Logging;
using Sluice.Host.Metrics;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.AsyncReplies;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Composition;

/// <summary>Registers the webhook ingress beside the engine.</summary>
internal static class IngressServices
{
    public static IServiceCollection AddIngress(this IServiceCollection services, SluiceOptions options, AuthenticationRule rule)
    {
        var webhooks = options.Webhooks;
        services.AddSingleton<MetricsReader>();
        services.AddSingleton<IngressMetrics>();
        services.AddSingleton<Admission>();
        services.AddSingleton<AnswerWriter>();
        services.AddSingleton<Cors>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<CallerWait>();
        services.AddSingleton(new BodyMemory(webhooks.MaxBodyMemoryBytes));
        services.AddSingleton(provider => new StatusLinks(provider.GetRequiredService<EngineFoundation>().Keys.Status));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<StatusEndpoint>(provider, TimeSpan.FromSeconds(webhooks.TimeoutSeconds)));
        services.AddSingleton(provider => new RejectionLog(
            provider.GetRequiredService<IStorage>().Rejections,
            new RejectionRetention(options.Refusals.Max, TimeSpan.FromDays(options.Refusals.Days)),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RejectionLog>>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<TriggerAnswers>(provider, webhooks.MaxReplyBytes));
        services.AddSingleton(provider => new Claims(
            provider.GetRequiredService<IStorage>().Runs, provider.GetRequiredService<StoredReplies>(), provider.GetRequiredService<RunRecovery>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<IdempotencyGate>(provider, TimeSpan.FromHours(webhooks.RepeatRetentionHours)));
        services.AddSingleton(provider => VerifiersOf(provider, options, rule));
        services.AddSingleton<Authenticator>();
        services.AddSingleton(provider => new WebhookEndpoint(
            provider.GetRequiredService<WorkflowRegistry>(),
            GatesOf(provider, webhooks, rule),
            provider.GetRequiredService<Runner>(),
            provider.GetRequiredService<ResponderRegistry>(),
            provider.GetRequiredService<CallerWait>(),
            provider.GetRequiredService<TriggerAnswers>(),
            provider.GetRequiredService<StatusLinks>(),
            provider.GetRequiredService<AnswerWriter>(),
            provider.GetRequiredService<Cors>(),
            provider.GetRequiredService<BodyMemory>(),
            TimeSpan.FromSeconds(webhooks.TimeoutSeconds),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IRequestLog>(),
            provider.GetRequiredService<IngressMetrics>(),
            provider.GetRequiredService<ILogger<WebhookEndpoint>>()));
        return services;
    }

    private static GateChain GatesOf(IServiceProvider provider, WebhookOptions options, AuthenticationRule rule)
    {
        var (time, secrets, blobs) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ISecrets>(), provider.GetRequiredService<BlobStore>());
        var authenticator = rule == AuthenticationRule.Off ? null : provider.GetRequiredService<Authenticator>();
        return new GateChain(
            new AddressGate(ClientAddressOf(options), provider.GetRequiredService<RejectionLog>(), rule == AuthenticationRule.Full),
            new AdmissionGate(provider.GetRequiredService<Admission>(), provider.GetRequiredService<IStorage>().Queue, provider.GetRequiredService<Runner>()),
            new RateLimitGate(provider.GetRequiredService<RateLimits>()),
            new HeaderAuthenticationGate(authenticator),
            new BodyGate(BodyLimits.Of(options), blobs, time),
            new BodyAuthenticationGate(authenticator),
            new ParseGate(BodyLimits.Of(options), blobs, time),
            new ConditionGate(secrets, time, provider.GetRequiredService<ILogger<ConditionGate>>()),
            provider.GetRequiredService<IdempotencyGate>());
    }

    private static Verifiers VerifiersOf(IServiceProvider provider, SluiceOptions options, AuthenticationRule rule) => new(
        provider.GetRequiredService<ISecrets>(),
        new Freshness(provider.GetRequiredService<TimeProvider>(), rule == AuthenticationRule.AnyAge),
        string.IsNullOrEmpty(options.Webhooks.PublicUrl) ? null : new Uri(options.Webhooks.PublicUrl),
        new KeySetLoader(provider.GetRequiredService<OutboundClient>().Http, options.Workflows.Directory!),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<Verifiers>>());

    private static ClientAddress ClientAddressOf(WebhookOptions options) => new(
        [.. options.TrustedProxies.Select(text => NetworkReader.TryParse(text, out var network) ? network : throw new ArgumentException($"{text} is no network."))],
        options.ForwardedHeader);
}
