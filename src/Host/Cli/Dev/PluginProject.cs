using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Host.Cli.Dev;

/// <summary>A plugin's project, built by the .NET SDK of the machine.</summary>
internal sealed class PluginProject(string project)
{
    private bool _isRestored;

    /// <summary>Publishes the project into a folder: exactly what an operator would drop into <c>plugins/</c>.</summary>
    /// <returns>Null where it went well, else the errors.</returns>
    /// <exception cref="CommandException">There is no SDK.</exception>
    public async Task<string?> BuildAsync(string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["publish", project, "--output", folder, "--configuration", "Debug", "--verbosity", "quiet", "--nologo"];
        foreach (var argument in _isRestored ? [.. arguments, "--no-restore"] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Start(start);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        _isRestored |= process.ExitCode == 0;
        return process.ExitCode == 0 ? null : Lines(output + await errors);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new CommandException("`dotnet` is not on the PATH. `sluice dev` builds with the .NET SDK: install it.", missing);
        }
    }

    // The SDK repeats each error at the end of its output.
    private static string Lines(string output)
    {
        string[] lines = [.. output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        string[] errors = [.. lines.Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct()];
        return string.Join(Environment.NewLine, errors.Length > 0 ? errors : lines);
    }
}
