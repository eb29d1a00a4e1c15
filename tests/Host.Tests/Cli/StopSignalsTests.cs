using System.Diagnostics;

namespace Sluice.Host.Tests.Cli;

/// <summary>Ctrl+C and SIGTERM, from outside: a real process, its temporary files and its children.</summary>
public sealed class StopSignalsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sluice-signal-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Temporary => Path.Combine(_directory.FullName, "tmp");

    public StopSignalsTests()
    {
        Directory.CreateDirectory(Temporary);
        Write("waits.yaml", """
            name: waits
            trigger: { type: webhook, config: { path: /waits } }
            steps:
              - { key: call, type: http, config: { url: "http://127.0.0.1:PORT/", timeout: 60s } }
            """);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_run_that_is_interrupted_leaves_nothing_behind(string signal, int exit)
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var workflow = Write("waits.yaml", (await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "waits.yaml"), Token)).Replace("PORT", $"{((System.Net.IPEndPoint)silent.LocalEndpoint).Port}", StringComparison.Ordinal));
        using var process = Start("run", workflow, "--request", Write("request.json", "{}"));
        // Its step is under way.
        using var call = await silent.AcceptTcpClientAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token);

        Assert.Equal(exit, await EndAsync(process, signal));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_run_whose_node_never_returns_ends_all_the_same()
    {
        using var answers = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        answers.Start();
        var workflow = Write("blocks.yaml", $$"""
            name: blocks
            trigger: { type: webhook, config: { path: /blocks } }
            steps:
              - { key: call, type: http, config: { url: "http://127.0.0.1:{{((System.Net.IPEndPoint)answers.LocalEndpoint).Port}}/" } }
              - { key: block, type: peril, config: { do: never_return } }
            """);
        using var process = Start("run", workflow, "--request", Write("request.json", "{}"), "--plugins", Plugins());
        using (var call = await answers.AcceptTcpClientAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token))
        {
            await call.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray(), Token);
        }

        Assert.Equal(143, await EndAsync(process, "TERM"));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_development_loop_that_is_interrupted_removes_its_files_and_ends_its_compiler(string signal)
    {
        var project = Directory.CreateDirectory(Path.Combine(_directory.FullName, "Acme")).FullName;
        Write("Acme/Acme.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        Write("Acme/Word.cs", "namespace Acme; public static class Word;");
        // The build of the SDK looks upwards for these.
        Write("Directory.Build.props", "<Project/>");
        Write("Directory.Packages.props", "<Project/>");
        using var process = Start("dev", "--plugin", project, "--workflow", Write("a.yaml", "name: a"), "--request", Write("request.json", "{}"));
        await SaysAsync(process, "Press Ctrl+C to end.");

        Assert.Equal(0, await EndAsync(process, signal));
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_host_that_is_interrupted_drains_and_exits_0(string signal)
    {
        using var process = Start("serve", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", "--data", Path.Combine(_directory.FullName, "data"), "--workflows", _directory.FullName);
        await SaysAsync(process, "Sluice listens on");

        Assert.Equal(0, await EndAsync(process, signal));
        AssertNothingIsLeft();
    }

    // Those of the host, and one whose node blocks its thread.
    private string Plugins()
    {
        var plugins = Directory.CreateDirectory(Path.Combine(_directory.FullName, "plugins")).FullName;
        foreach (var plugin in new[] { Path.Combine("plugins", "Http"), Path.Combine("fixtures", "Perils") })
        {
            Directory.CreateSymbolicLink(Path.Combine(plugins, Path.GetFileName(plugin)), Path.Combine(AppContext.BaseDirectory, plugin));
        }

        return plugins;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    // A shell starts what runs in the background with SIGINT ignored, and a child inherits that: env gives it back its default.
    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT,TERM", "dotnet", SluiceProgram.Program, .. arguments])
        {
            WorkingDirectory = SluiceProgram.RepositoryRoot,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = Temporary;
        start.Environment["SLUICE__HTTP__ALLOWPRIVATE"] = "true";
        return Process.Start(start)!;
    }

    private static async Task SaysAsync(Process process, string text)
    {
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TestHost.Patience * 2, Token) is { } line)
        {
            said.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail(string.Join('\n', said) + await process.StandardError.ReadToEndAsync(Token));
    }

    private static async Task<int> EndAsync(Process process, string signal)
    {
        try
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
            await kill.WaitForExitAsync(Token);
            await process.WaitForExitAsync(Token).WaitAsync(TestHost.Patience, Token);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    // Every process that was started on the way has the same folder for its temporary files.
    private void AssertNothingIsLeft()
    {
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Temporary), path => Path.GetFileName(path).StartsWith("sluice", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateDirectories("/proc").Where(IsOurs).Select(path => File.ReadAllText(Path.Combine(path, "cmdline")).Replace('\0', ' ')));
    }

    private bool IsOurs(string process)
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out _)
                && File.ReadAllText(Path.Combine(process, "environ")).Contains($"TMPDIR={Temporary}\0", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is another user's.
            return false;
        }
    }
}
