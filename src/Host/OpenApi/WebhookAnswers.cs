using System.Globalization;
using Microsoft.OpenApi;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Publishing;
using Sluice.Engine.Text;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Sdk;

namespace Sluice.Host.OpenApi;

/// <summary>
/// Describes the responses of a webhook: the replies of its steps, and the rows of the published contract that apply to it.
/// </summary>
internal static class WebhookAnswers
{
    private const string ReplyType = "webhook_response";

    /// <param name="state">The workflow.</param>
    /// <param name="takesBody">Whether the request has a body.</param>
    /// <param name="document">The document that contains the responses.</param>
    public static OpenApiResponses Of(WorkflowState state, bool takesBody, OpenApiDocument document)
    {
        var answers = new OpenApiResponses();
        if (state.Compiled is { Webhook: { } trigger } workflow)
        {
            AddReplies(answers, workflow);
            AddOwn(answers, trigger, workflow.Replies);
            Add(answers, "202", DeferralDescription.Response(document, $"`{DeferralDescription.Header}` asks not to wait, or the wait is over; the run continues"));
        }

        foreach (var problems in ProblemsOf(state.Compiled, takesBody).GroupBy(problem => problem.Status))
        {
            Add(answers, ProblemSchema.Key(problems.Key), ProblemSchema.Response(document, [.. problems]));
        }

        var sorted = new OpenApiResponses();
        foreach (var (status, answer) in answers.OrderBy(answer => answer.Key, StringComparer.Ordinal))
        {
            sorted.Add(status, answer);
        }

        return sorted;
    }

    private static void AddReplies(OpenApiResponses answers, CompiledWorkflow workflow)
    {
        var replying = workflow.AllSteps().Where(step => step.Node.Descriptor.Effect == Effect.Reply).Select(step => step.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var step in workflow.Definition.AllSteps().Where(step => replying.Contains(step.Key)))
        {
            var status = StatusOf(step.Config) ?? (step.Type == ReplyType && step.Config["status"] is null ? DefaultOf(step.Config) : null);
            Add(answers, status is { } known ? ProblemSchema.Key(known) : "default", Reply($"The reply of the step `{step.Key}`", step.Config));
        }
    }

    private static void AddOwn(OpenApiResponses answers, WebhookTrigger trigger, bool replies)
    {
        if (trigger.When is not null)
        {
            Add(answers, "204", new OpenApiResponse { Description = "The trigger's condition is false, so no run started" });
        }

        if (trigger.Acknowledge is { } acknowledge)
        {
            Add(answers, KeyOf(acknowledge), Reply("The request is stored; its run starts, or has ended without a reply", acknowledge));
        }
        else
        {
            Add(answers, "202", WithRun(new OpenApiResponse
            {
                Description = replies ? "The run succeeded without a reply" : "The request is stored and its run starts; the response does not wait for it",
            }));
        }

        if (replies && trigger.OnDeadline is { } deadline)
        {
            Add(answers, KeyOf(deadline), Reply("The deadline passed; the run continues", deadline));
        }
    }

    // The problems of this workflow's gates and of its run. 404 and 405 concern paths and methods that are not in the document.
    private static List<HttpProblem> ProblemsOf(CompiledWorkflow? workflow, bool takesBody)
    {
        if (workflow?.Webhook is not { } trigger)
        {
            return [Problems.Held("")];
        }

        List<HttpProblem> problems = [Problems.Draining, Problems.NotDurable, Problems.TooManyRuns];
        AddIf(takesBody, Problems.BadBody(""), Problems.TooLarge(0), Problems.UnsupportedType(""));
        AddIf(trigger.Auth is not null, Problems.Unauthorized, Problems.NotVerifiable);
        AddIf(trigger.Auth is SchemeSettings { CanForbid: true } || trigger.AllowIps is not null, Problems.Forbidden);
        AddIf(trigger.Request is not null, Problems.InvalidRequest([]));
        AddIf(trigger.RateLimit is not null, Problems.RateLimited(1));
        AddIf(trigger.MaxConcurrent is not null, Problems.TooManyRunsOfWorkflow);
        AddIf(trigger.When is not null, Problems.ConditionFailed);
        AddIf(workflow.Replies, Problems.RunFailed, Problems.RunCancelled, Problems.Stopping);
        AddIf(workflow.Replies || trigger.When is not null || trigger.Idempotency?.Expression is not null, Problems.UnusableRequest);
        AddIf(workflow.Replies && trigger.OnDeadline is null, Problems.DeadlinePassed);
        AddKeys(problems, trigger.Idempotency ?? IdempotencySettings.Default, workflow.Replies);
        return problems;

        void AddIf(bool applies, params ReadOnlySpan<HttpProblem> added)
        {
            if (applies)
            {
                problems.AddRange(added);
            }
        }
    }

    private static void AddKeys(List<HttpProblem> problems, IdempotencySettings keys, bool replies)
    {
        if (keys.Sources.IsEmpty && keys.Expression is null)
        {
            return;
        }

        problems.AddRange(keys.Sources.Any(source => source.IsStructured) ? [Problems.BadKey] : []);
        problems.AddRange(keys.IsRequired ? [Problems.KeyMissing(keys)] : []);
        problems.AddRange(keys.ComparesPayloads ? [Problems.KeyReused] : []);
        problems.AddRange(keys.Expression is not null ? [Problems.KeyFailed] : []);
        problems.AddRange(replies ? [Problems.ReplyNotKept] : []);
    }

    // Several responses may share a status: the description then covers any of them.
    private static void Add(OpenApiResponses answers, string status, OpenApiResponse answer)
    {
        if (!answers.TryGetValue(status, out var other) || other is not OpenApiResponse there)
        {
            answers[status] = answer;
            return;
        }

        there.Description += $"; {answer.Description}";
        foreach (var (type, content) in answer.Content ?? new Dictionary<string, OpenApiMediaType>())
        {
            (there.Content ??= new Dictionary<string, OpenApiMediaType>()).TryAdd(type, content);
        }

        foreach (var (name, header) in answer.Headers ?? new Dictionary<string, IOpenApiHeader>())
        {
            (there.Headers ??= new Dictionary<string, IOpenApiHeader>()).TryAdd(name, header);
        }
    }

    private static OpenApiResponse Reply(string description, SourceNode.Object answer)
    {
        var response = WithRun(new OpenApiResponse { Description = description });
        if (answer["body"] is { } body && !body.IsNull())
        {
            response.Content = new Dictionary<string, OpenApiMediaType> { [TypeOf(answer, body)] = new() };
        }

        return response;
    }

    private static string TypeOf(SourceNode.Object answer, SourceNode body) => (answer["content_type"], body) switch
    {
        (SourceNode.Text { Value: var type }, _) when !ExpressionMark.IsIn(type) => type,
        (null, _) when answer["body_type"] is SourceNode.Text { Value: "html" } => "text/html",
        (null, _) when answer["body_type"] is SourceNode.Text { Value: "blob" } => "application/octet-stream",
        (null, SourceNode.Object or SourceNode.Array) => "application/json",
        _ => "*/*",
    };

    private static OpenApiResponse WithRun(OpenApiResponse response)
    {
        response.Headers = new Dictionary<string, IOpenApiHeader>
        {
            [AnswerWriter.RunIdHeader] = new OpenApiHeader { Description = "The run.", Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" } },
        };
        return response;
    }

    private static int DefaultOf(SourceNode.Object reply) => reply["redirect"] is null ? StatusCodes.Status200OK : StatusCodes.Status302Found;

    private static string KeyOf(SourceNode.Object answer) => StatusOf(answer) is { } status ? ProblemSchema.Key(status) : "default";

    private static int? StatusOf(SourceNode.Object answer) =>
        answer["status"] is SourceNode.Literal { Json: var json } && int.TryParse(json, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;
}
