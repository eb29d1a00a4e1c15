namespace Sluice.Engine.Plugins;

/// <summary>One rule that a plugin breaks.</summary>
/// <param name="Rule">The rule's name, kebab-case; <c>docs/plugin-rules.md</c> lists them all.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
internal sealed record Rejection(string Rule, string Message);
