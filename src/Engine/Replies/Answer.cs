using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>What the waiting caller is told; every wait ends in exactly one of these.</summary>
internal abstract record Answer
{
    private Answer()
    {
    }

    /// <summary>The run replied, and the reply is durable.</summary>
    internal sealed record Replied(Reply Reply) : Answer;

    /// <summary>The run is durable, or has ended well, and nothing replied.</summary>
    internal sealed record Acknowledged : Answer;

    /// <summary>The run failed before it replied.</summary>
    internal sealed record Failed(NodeFailure Failure) : Answer;

    /// <summary>The deadline passed; the run goes on.</summary>
    internal sealed record DeadlinePassed : Answer;

    /// <summary>The host stops; the run goes on at the next start.</summary>
    internal sealed record Stopping : Answer;

    /// <summary>A plugin that the run needs is not here; the run goes on when it is.</summary>
    internal sealed record Held(string Reason) : Answer;

    /// <summary>The run could not be made durable, so it is as if it had never been.</summary>
    internal sealed record NotDurable(string Reason) : Answer;

    /// <summary>The caller asked not to wait, or not this long; the run is durable and its answer is to be had at the status resource.</summary>
    internal sealed record Deferred : Answer;

    /// <summary>The run replied with a secret, which is not stored, so the reply can't be given again.</summary>
    internal sealed record NotKept : Answer;

    /// <summary>The caller disconnected before there was a response.</summary>
    internal sealed record CallerGone : Answer;
}
