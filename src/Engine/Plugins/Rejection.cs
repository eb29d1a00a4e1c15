namespace Sluice.Engine.Plugins;

/// <summary>A rule that a plugin breaks.</summary>
/// <param name="Rule">The rule's name in kebab case; <c>docs/reference/plugin-rules.md</c> lists them all.</param>
/// <param name="Message">What is wrong and how to fix it.</param>
internal sealed record Rejection(string Rule, string Message)
{
    /// <summary>
    /// Whether it may disappear without a change of content: the folder was changing, the disk was full, or the lock file was not written
    /// yet.
    /// </summary>
    public bool IsOfMoment => Rule is "folder-changed" or "unreadable" or "not-locked";
}
