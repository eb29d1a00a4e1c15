namespace Sluice.Host.Cli.Output;

/// <summary>One cell of a table.</summary>
internal readonly record struct Cell(string Text, Style Style = Style.None)
{
    public static implicit operator Cell(string? text) => new(text ?? "");
}
