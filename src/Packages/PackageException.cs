namespace Sluice.Packages;

/// <summary>Thrown if a plugin can't be installed or removed. The message says what is wrong, where, and how to fix it.</summary>
internal sealed class PackageException(string rule, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The name of the broken rule in kebab case; <c>docs/how-to/install-plugins.md</c> lists them.</summary>
    public string Rule { get; } = rule;
}
