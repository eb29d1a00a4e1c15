using System.ComponentModel.DataAnnotations;

namespace Sluice.Engine.Embedding;

/// <summary>Requires the path of a folder, or no value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FolderAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is null || (value is string path && !string.IsNullOrWhiteSpace(path) && !path.Contains('\0'));
}
