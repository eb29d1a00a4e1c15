using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Host.Cli.Dev;

/// <summary>Runs the installed <c>dotnet</c> program.</summary>
internal static class DotnetTool
{
    /// <summary>Runs it to completion; cancellation ends the process.</summary>
    /// <exception cref="CommandException">The .NET SDK is not installed.</exception>
    public static async Task<DotnetResult> RunAsync(string directory, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        // MSBuild's worker nodes would otherwise stay for a quarter of an hour after the command.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var process = Start(start);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new DotnetResult(process.ExitCode == 0, output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new CommandException("`dotnet` is not on the PATH. Install the .NET SDK, which `sluice dev` builds with.", missing);
        }
    }
}

/// <summary>The result of a <c>dotnet</c> call.</summary>
internal sealed record DotnetResult(bool Succeeded, string Output, string Errors)
{
    /// <summary>The error lines of the output; all lines if there are none.</summary>
    /// <remarks>MSBuild repeats each error at the end of its output.</remarks>
    public string Failure
    {
        get
        {
            string[] lines = [.. (Output + Errors).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            string[] errors = [.. lines.Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct()];
            return string.Join(Environment.NewLine, errors.Length > 0 ? errors : lines);
        }
    }
}
