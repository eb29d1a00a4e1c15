namespace Sluice.Engine.Plugins;

/// <summary>One rule that a plugin breaks.</summary>
/// <param name="Rule">The rule's name, kebab-case; <c>docs/reference/plugin-rules.md</c> lists them all.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
internal sealed record Rejection(string Rule, string Message)
{
    /// <summary>Whether it may be over at the next look although the content is the same: the folder was in motion, the disk full, the lock file not written yet.</summary>
    public bool IsOfMoment => Rule is "folder-changed" or "unreadable" or "not-locked";
}
