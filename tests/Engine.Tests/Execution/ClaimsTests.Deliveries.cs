using System.Text;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <content>Delivers under a key, as the ingress does.</content>
public sealed partial class ClaimsTests
{
    private FakeNode Waits() => FakeNode.Waits(_gate.Task, _entered);

    private static Claim Claim(string key, string payload = "", DateTimeOffset? now = null) =>
        new(Hash(key), Hash(payload), (now ?? DataDirectory.Noon).AddHours(24));

    private static byte[] Hash(string text) => System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static async Task<Responder> StartAsync(Stage stage, string steps, string key) =>
        stage.Start(steps, start: new RunStart { Place = Assert.IsType<Claimed.First>(await stage.Claims.TakeAsync(Claim(key), Token)).Place });

    /// <summary>What the ingress does with a delivery, without the web.</summary>
    private static async Task<(RunId Run, Answer? Answer)> DeliverAsync(
        Stage stage, string steps, string key, string payload = "", string body = "{}", TimeSpan? patience = null)
    {
        var claim = Claim(key, payload, stage.Time.GetUtcNow());
        switch (await stage.Claims.TakeAsync(claim, Token))
        {
            case Claimed.First { Place: var place }:
                var responder = stage.Start(steps, body, new RunStart { Place = place });
                return (responder.Run, await responder.Answer.WaitAsync(Token));
            case Claimed.Repeat repeat when !repeat.Held.Matches(claim):
                return (repeat.Held.Run, new Answer.Failed(Mismatch));
            case Claimed.Repeat repeat:
                await repeat.Durable;
                var later = await stage.Answers.WaitAsync(
                    repeat.Held.Run, found => (found.Acknowledgement ?? found.Answer) is not null, patience ?? TimeSpan.FromHours(1), Token);
                return (repeat.Held.Run, later!.Acknowledgement ?? later.Answer);
            default:
                throw new InvalidOperationException();
        }
    }

    private static async Task DeliverAllAsync(DataDirectory directory, (int Key, int Payload, bool Waits)[] deliveries)
    {
        await using var stage = new Stage(directory);
        var began = new List<(int Key, int Payload, Task<(RunId Run, Answer? Answer)> Told)>();
        foreach (var (key, payload, waits) in deliveries)
        {
            var told = DeliverAsync(stage, Reply, $"{key}", $"{payload}");
            began.Add((key, payload, told));
            if (waits)
            {
                await told;
            }
        }

        foreach (var key in began.GroupBy(delivery => delivery.Key))
        {
            var first = key.First();
            foreach (var (_, payload, told) in key)
            {
                var (run, answer) = await told;
                Assert.Equal((await first.Told).Run, run);
                if (payload == first.Payload)
                {
                    Assert.Equal(run.ToString(), Text(answer));
                }
                else
                {
                    Assert.Equal(Mismatch, Assert.IsType<Answer.Failed>(answer).Failure);
                }
            }
        }

        Assert.Equal(began.Select(delivery => delivery.Key).Distinct().Count(), (await stage.Runs.ListAsync(new RunFilter(Limit: 100), Token)).Count);
    }

    private static string Text(Answer? answer) => Encoding.UTF8.GetString(Assert.IsType<Answer.Replied>(answer).Reply.Body.Span);
}
