using System.Collections.Concurrent;
using System.Diagnostics;
using Sluice.Engine.Metrics;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>The activities of a request, its run and its steps.</summary>
public sealed class RequestActivityTests(SharedHost shared)
{
    [Fact]
    public async Task The_trace_of_the_caller_goes_on_with_the_request_the_run_and_its_steps()
    {
        var (trace, caller) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        var activities = new ConcurrentDictionary<string, Activity>(StringComparer.Ordinal);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EngineMetrics.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == trace)
                {
                    activities[$"{activity.OperationName} {activity.GetTagItem("sluice.step.path")}"] = activity;
                }

                if (activities.Count == 4)
                {
                    ended.TrySetResult();
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await shared.Host.PublishAsync("traced", "  - { key: one, type: set, config: { values: { a: 1 } } }\n  - { key: answer, type: webhook_response }");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/traced");
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");

        var answer = await shared.Host.SendAsync(request);
        await ended.Task.WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);

        var run = activities["run "];
        Assert.Equal(caller, activities["webhook "].ParentSpanId);
        Assert.Equal(200, activities["webhook "].GetTagItem("http.response.status_code"));
        Assert.Equal(activities["webhook "].SpanId, run.ParentSpanId);
        Assert.Equal(answer.RunId, run.GetTagItem("sluice.run.id"));
        Assert.Equal([run.SpanId, run.SpanId], new[] { "step one", "step answer" }.Select(step => activities[step].ParentSpanId));
        Assert.Equal("set", activities["step one"].GetTagItem("sluice.step.type"));
    }
}
