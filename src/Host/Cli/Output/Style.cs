namespace Sluice.Host.Cli.Output;

/// <summary>The kind of a piece of output, which decides its colour on a terminal.</summary>
internal enum Style
{
    None,
    Strong,
    Dim,
    Good,
    Warning,
    Bad,
}
