using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>How the requests of a webhook prove who sent them: the setting <c>auth</c> of its trigger, as its scheme read it.</summary>
internal abstract record WebhookAuth
{
    /// <summary>Every secret that it reads.</summary>
    public abstract ImmutableArray<SecretName> Secrets { get; }

    /// <summary>Whether the headers alone prove who sent a request.</summary>
    public virtual bool IsInHeaders => false;
}

/// <summary>A secret that a trigger names, by <c>"{{ secrets.name }}"</c>. Several in a list are live at the same time, for rotation.</summary>
/// <param name="Name">The secret's name.</param>
/// <param name="Path">Where it is named: <c>trigger.config.auth.secret</c>.</param>
/// <param name="Source">The value as written.</param>
internal sealed record SecretName(string Name, string Path, SourceNode Source);
