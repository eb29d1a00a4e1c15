using System.Text;
using Sluice.Engine.Replies;

namespace Sluice.Simulation.Worlds;

/// <summary>The callers of a world: they send requests, wait for answers, and repeat what has a key when their host crashes.</summary>
internal sealed class Callers
{
    private readonly World _world;
    private readonly List<Delivery> _toSend;
    private readonly List<Delivery> _waiting = [];
    private readonly List<(Delivery Delivery, Answer Answer, bool IsRepeat)> _arriving = [];

    public Callers(World world)
    {
        _world = world;
        _toSend = [.. world.Scenario.Deliveries];
    }

    public bool HasNext => _toSend.Count > 0;

    /// <summary>How many answers could arrive now.</summary>
    public int Answers => _arriving.Count;

    /// <summary>The callers that wait and will never hear anything.</summary>
    public IReadOnlyList<Delivery> Waiting => _waiting;

    public void SendNext(SimulatedHost host)
    {
        var delivery = _toSend[0];
        _toSend.RemoveAt(0);
        _waiting.Add(delivery);
        _world.Note(host, $"receives {delivery.Name}: {delivery.Body}{(delivery.Key is null ? "" : $" under the key {delivery.Key}")}");
        host.Deliver(delivery);
    }

    /// <summary>The host is about to send an answer.</summary>
    public void Offer(SimulatedHost host, Delivery delivery, Answer answer, bool isRepeat)
    {
        if (!host.IsDead)
        {
            _arriving.Add((delivery, answer, isRepeat));
        }
    }

    public void ReceiveOne(SimulatedHost host)
    {
        if (_world.Strikes(host, Fault.ReplyCommittedNotSent))
        {
            return;
        }

        var chosen = _world.Next(_arriving.Count);
        var (delivery, answer, isRepeat) = _arriving[chosen];
        _arriving.RemoveAt(chosen);
        _waiting.Remove(delivery);
        _world.Note(host, $"answers {delivery.Name}{(isRepeat ? " again" : "")}: {Describe(answer)}");
        _world.Witness.SeeAnswer(delivery, answer, isRepeat);
    }

    /// <summary>The host crashed. Who has a key sends the request again.</summary>
    public void LoseConnections()
    {
        _toSend.AddRange(_waiting.Where(delivery => delivery.Key is not null));
        _waiting.Clear();
        _arriving.Clear();
    }

    public static string Describe(Answer answer) => answer switch
    {
        Answer.Replied replied => $"{replied.Reply.Status} {Encoding.UTF8.GetString(replied.Reply.Body.Span)}",
        Answer.Failed failed => $"{failed.Failure.Kind}: {failed.Failure.Message}",
        _ => answer.GetType().Name,
    };
}
