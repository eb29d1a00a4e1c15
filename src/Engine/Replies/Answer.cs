using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>The response to the waiting caller. Every wait ends with exactly one of these.</summary>
internal abstract record Answer
{
    private Answer()
    {
    }

    /// <summary>The run replied, and the reply is durable.</summary>
    internal sealed record Replied(Reply Reply) : Answer;

    /// <summary>The run is durable, or has completed, without a reply.</summary>
    internal sealed record Acknowledged : Answer;

    /// <summary>The run failed before it replied.</summary>
    internal sealed record Failed(NodeFailure Failure) : Answer;

    /// <summary>The deadline passed; the run continues.</summary>
    internal sealed record DeadlinePassed : Answer;

    /// <summary>The host is stopping; the run continues at the next start.</summary>
    internal sealed record Stopping : Answer;

    /// <summary>A plugin that the run needs is missing; the run continues when it is back.</summary>
    internal sealed record Held(string Reason) : Answer;

    /// <summary>The run could not be made durable, so it does not exist.</summary>
    internal sealed record NotDurable(string Reason) : Answer;

    /// <summary>
    /// The caller asked not to wait, or not this long. The run is durable, and the status resource will have its response.
    /// </summary>
    internal sealed record Deferred : Answer;

    /// <summary>The run replied with a secret, which is not stored, so the reply can't be repeated.</summary>
    internal sealed record NotKept : Answer;

    /// <summary>The caller disconnected before there was a response.</summary>
    internal sealed record CallerGone : Answer;
}
