using System.Collections.Immutable;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>The result of checking a submission. Small, because ten thousand are held at once.</summary>
/// <param name="Name">The name in it; null if it can't be parsed.</param>
/// <param name="Passed">The checked workflow; null if there is a problem.</param>
/// <param name="Problems">All problems.</param>
internal sealed record TextVerdict(string? Name, PassedText? Passed, ImmutableArray<Problem> Problems)
{
    /// <param name="check">The result of the checks.</param>
    /// <param name="isKept">Whether the compiled workflow is kept, or compiled again at its first use.</param>
    public static TextVerdict Of(CheckedWorkflow check, bool isKept) => new(
        check.Definition?.Name, check.Compiled is { } compiled ? PassedText.Of(compiled, isKept) : null, check.Problems);
}

/// <summary>A submission that has passed every check.</summary>
/// <param name="Name">The workflow's name.</param>
/// <param name="Route">The webhook it listens to; null if its trigger has another type.</param>
/// <param name="Pins">The plugins that it was checked against.</param>
/// <param name="Check">The record of the check, stored with it.</param>
/// <param name="Compiled">The compiled workflow; null if it is compiled at its first use.</param>
internal sealed record PassedText(
    string Name, WebhookRoute? Route, ImmutableArray<PluginPin> Pins, CheckRecord? Check, CompiledWorkflow? Compiled)
{
    public static PassedText Of(CompiledWorkflow compiled, bool isKept) =>
        new(compiled.Name, compiled.Webhook?.Route, PluginPin.Of(compiled), CheckRecord.Of(compiled), isKept ? compiled : null);
}
