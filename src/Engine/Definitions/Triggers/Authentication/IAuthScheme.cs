using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>
/// A way to authenticate senders: a type of the trigger's setting <c>auth</c>. The host that receives requests provides the schemes.
/// </summary>
internal interface IAuthScheme
{
    /// <summary>The name in workflows: <c>auth: { type: NAME }</c>.</summary>
    string Name { get; }

    /// <summary>The fields that it supports besides <c>type</c>.</summary>
    ImmutableArray<string> Known { get; }

    /// <summary>Reads its fields and reports problems; null if no settings can be made of them.</summary>
    WebhookAuth? Read(Fields fields);

    /// <summary>Where the sender puts the delivery key, which workflows name by <c>idempotency: NAME</c>; null if it sends none.</summary>
    KeySource? DeliveryKey => null;
}
