using System.Diagnostics;
using System.Reflection;

namespace Sluice.Host.Tests.Cli;

/// <summary>The real program as a process of its own.</summary>
internal static class SluiceProgram
{
    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    /// <summary>Runs one command to its end, in the repository's root.</summary>
    public static Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync("", arguments);

    public static Task<(int Exit, string Output, string Error)> RunAsync(string input, string[] arguments) => RunAsync(input, arguments, []);

    /// <param name="input">What it reads from standard input.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Further environment variables.</param>
    public static async Task<(int Exit, string Output, string Error)> RunAsync(string input, string[] arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Metadata("HostProgram"), .. arguments])
        {
            WorkingDirectory = RepositoryRoot,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SLUICE_SECRET_PAYMENTS_KEY"] = "whsec_example";
        start.Environment["SLUICE_SECRET_GITHUB_KEY"] = "example-github-key";
        start.Environment["SLUICE_SECRET_STRIPE_KEY"] = "whsec_stripe_example";
        start.Environment["NO_COLOR"] = "1";
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(AppContext.BaseDirectory, "cache");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestHost.Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Where the built program lies.</summary>
    public static string Program { get; } = Metadata("HostProgram");

    private static string Metadata(string key) => typeof(SluiceProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
