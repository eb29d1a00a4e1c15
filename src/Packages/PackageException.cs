namespace Sluice.Packages;

/// <summary>A plugin can't be installed or removed; the message says what is wrong, where, and how to mend it.</summary>
internal sealed class PackageException(string rule, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The name of the rule that is broken, kebab-case; <c>docs/how-to/install-plugins.md</c> lists them.</summary>
    public string Rule { get; } = rule;
}
