using System.Collections.Immutable;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>What checking a text came to: what it says where it passed, else what is wrong. Of ten thousand at once nothing more could be kept.</summary>
/// <param name="Name">The name in it; null where that can't be read.</param>
/// <param name="Passed">What it says; null where something is wrong.</param>
/// <param name="Problems">All that is wrong.</param>
internal sealed record TextVerdict(string? Name, PassedText? Passed, ImmutableArray<Problem> Problems)
{
    /// <param name="check">What the checks came to.</param>
    /// <param name="isKept">Whether the compiled workflow is kept, or compiled again at its first use.</param>
    public static TextVerdict Of(CheckedWorkflow check, bool isKept) => new(
        check.Definition?.Name, check.Compiled is { } compiled ? PassedText.Of(compiled, isKept) : null, check.Problems);
}

/// <summary>A text that has passed every check.</summary>
/// <param name="Name">The workflow's name.</param>
/// <param name="Route">The webhook it listens to; null where its trigger is of another type.</param>
/// <param name="Pins">The plugins that it was checked against.</param>
/// <param name="Check">That it passed, to be kept with it.</param>
/// <param name="Compiled">Ready to run; null where that is left to the first use.</param>
internal sealed record PassedText(
    string Name, WebhookRoute? Route, ImmutableArray<PluginPin> Pins, CheckRecord? Check, CompiledWorkflow? Compiled)
{
    public static PassedText Of(CompiledWorkflow compiled, bool isKept) =>
        new(compiled.Name, compiled.Webhook?.Route, PluginPin.Of(compiled), CheckRecord.Of(compiled), isKept ? compiled : null);
}
