using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>How the requests of a webhook authenticate: the setting <c>auth</c> of its trigger, as read by its scheme.</summary>
internal abstract record WebhookAuth
{
    /// <summary>Every secret that it reads.</summary>
    public abstract ImmutableArray<SecretName> Secrets { get; }

    /// <summary>Whether the headers alone authenticate a request.</summary>
    public virtual bool IsInHeaders => false;
}

/// <summary>
/// A reference to a secret in a trigger: <c>"{{ secrets.name }}"</c>. All secrets in a list are valid at the same time, for rotation.
/// </summary>
/// <param name="Name">The secret's name.</param>
/// <param name="Path">The path of the reference: <c>trigger.config.auth.secret</c>.</param>
/// <param name="Source">The value as written.</param>
internal sealed record SecretName(string Name, string Path, SourceNode Source);
