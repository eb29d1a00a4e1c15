using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;

namespace Sluice.Host.Webhooks;

/// <summary>A request on its way through the gates: what is known of it so far.</summary>
/// <param name="http">The exchange.</param>
/// <param name="workflow">The workflow that its method and path belong to.</param>
/// <param name="parameters">The parameters of the path.</param>
internal sealed class WebhookRequest(HttpContext http, LiveWorkflow workflow, IReadOnlyList<KeyValuePair<string, string>> parameters)
{
    public HttpContext Http => http;

    public LiveWorkflow Workflow => workflow;

    public WebhookTrigger Trigger { get; } = workflow.Compiled.Webhook!;

    public IReadOnlyList<KeyValuePair<string, string>> Parameters => parameters;

    /// <summary>The body's bytes as they came over the wire; read by <see cref="Gates.BodyGate"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>What the run will start from; made by <see cref="Gates.ParseGate"/>.</summary>
    public TriggerData? Data { get; set; }
}
