namespace Sluice.Host.Cli.Output;

/// <summary>What a piece of output is, which decides its colour on a terminal.</summary>
internal enum Style
{
    None,
    Strong,
    Dim,
    Good,
    Warning,
    Bad,
}
