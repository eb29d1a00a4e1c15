using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>A way for senders to prove who they are: a type of the trigger's setting <c>auth</c>. Whoever receives requests brings the schemes.</summary>
internal interface IAuthScheme
{
    /// <summary>How workflows name it: <c>auth: { type: NAME }</c>.</summary>
    string Name { get; }

    /// <summary>The fields that it has beside <c>type</c>.</summary>
    ImmutableArray<string> Known { get; }

    /// <summary>Reads its fields; null if they are so wrong that there are no settings. What is wrong is noted.</summary>
    WebhookAuth? Read(Fields fields);

    /// <summary>Where the sender puts the key of a delivery, which workflows name by <c>idempotency: NAME</c>; null if it sends none.</summary>
    KeySource? DeliveryKey => null;
}
