using System.Diagnostics;
using System.Reflection;

namespace Sluice.Host.Tests.Embedding;

/// <summary>The program of <c>examples/embedded</c>, as a process of its own.</summary>
public sealed class EmbeddedExampleTests
{
    private static readonly string Program = typeof(EmbeddedExampleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "EmbeddedExample").Value!;

    [Fact]
    public async Task It_prints_the_reply_and_the_output_of_its_run()
    {
        var start = new ProcessStartInfo("dotnet", [Program, Path.Combine(AppContext.BaseDirectory, "plugins")]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestHost.Patience);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);

            Assert.Equal((0, "Reply: Hello, Ada!\nRun: Succeeded, output of count: {\"letters\":3}\n"), (process.ExitCode, output.ReplaceLineEndings("\n")));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
