using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Where a webhook listens: all that is needed of a workflow before its first request.</summary>
/// <param name="Path">The path below <c>/hooks</c>, with parameters: <c>/orders/{id}</c>.</param>
/// <param name="Methods">The accepted methods, in uppercase.</param>
internal sealed record WebhookRoute(string Path, ImmutableArray<string> Methods)
{
    /// <summary>The path, ready to be matched.</summary>
    public PathPattern Pattern { get; } = PathPattern.Parse(Path).Pattern ?? throw new ArgumentException($"'{Path}' is no path.", nameof(Path));
}
