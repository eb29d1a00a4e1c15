using System.Diagnostics;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Composition;

/// <summary>What keeps a host from starting, from the outside: one line with what, where and the cure, exit code 1, no stack trace.</summary>
public sealed class StartFailureTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http://localhost:0", "127.0.0.1")]
    [InlineData("https://127.0.0.1:0", "terminate TLS")]
    [InlineData("http://127.0.0.1:0/base", "has no path")]
    [InlineData("ftp://127.0.0.1:0", "is not an address")]
    [InlineData("http://192.0.2.1:0", "is not one of this machine")]
    [InlineData("http://127.0.0.1:99999", "a port is a number")]
    public async Task An_address_that_can_not_be_listened_on(string urls, string cure)
    {
        var failed = await ServeAsync("--urls", urls);

        AssertOneLine(failed, urls, cure);
    }

    [Fact]
    public async Task A_port_that_is_in_use()
    {
        using var other = new TestFolder();
        await using var host = await TestHost.StartAsync(other);

        AssertOneLine(await ServeAsync("--urls", host.Address), host.Address, "choose another address with --urls");
    }

    [Fact]
    public async Task Too_few_open_files()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such limit.");

        AssertOneLine(await ServeAsync("ulimit -n 200", []), "200 files", "ulimit -n");
    }

    [Fact]
    public async Task A_lock_file_that_can_not_be_opened_is_not_called_another_host()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux refuses to write a program that runs.");
        Directory.CreateDirectory(_folder.Data);
        File.CreateSymbolicLink(Path.Combine(_folder.Data, "sluice.lock"), Environment.ProcessPath!);

        var failed = await ServeAsync();

        AssertOneLine(failed, _folder.Data, "--data");
        Assert.DoesNotContain("another host", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_on_a_disk_that_is_read_only()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && await ShellAsync("unshare -rm true") == 0, "Mounts a read-only file system, in a namespace of its own.");
        Directory.CreateDirectory(_folder.Data);
        await File.WriteAllTextAsync(Path.Combine(_folder.Data, "sluice.lock"), "", TestContext.Current.CancellationToken);

        var failed = await ServeAsync($"mount --bind {_folder.Data} {_folder.Data} && mount -o remount,bind,ro {_folder.Data}", [], "unshare -rm");

        AssertOneLine(failed, _folder.Data, "Read-only");
        Assert.DoesNotContain("another host", failed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("blobs")]
    [InlineData("sluice.db")]
    [InlineData("sluice.marker")]
    public async Task Something_else_in_the_place_of_what_the_host_keeps(string name)
    {
        Directory.CreateDirectory(_folder.Data);
        await (name == "blobs"
            ? File.WriteAllTextAsync(Path.Combine(_folder.Data, name), "", TestContext.Current.CancellationToken)
            : Task.Run(() => Directory.CreateDirectory(Path.Combine(_folder.Data, name, "inside"))));

        AssertOneLine(await ServeAsync(), Path.Combine(_folder.Data, name));
    }

    [Fact]
    public async Task A_secrets_folder_that_is_not_there()
    {
        var failed = await ServeAsync("export SLUICE__SECRETS__DIRECTORY=/absent/secrets", []);

        AssertOneLine(failed, "/absent/secrets", "Secrets:Directory");
    }

    [Fact]
    public async Task A_secret_that_is_no_regular_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A device.");
        File.CreateSymbolicLink(Path.Combine(_folder.Secrets, "endless"), "/dev/zero");

        var failed = await ServeAsync($"export SLUICE__SECRETS__DIRECTORY={_folder.Secrets}", []);

        AssertOneLine(failed, "endless", "not a regular file");
    }

    private static void AssertOneLine((int Exit, string Error) failed, params string[] parts)
    {
        Assert.Equal(1, failed.Exit);
        Assert.All(parts, part => Assert.Contains(part, failed.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", failed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", failed.Error, StringComparison.Ordinal);
        // The configuration's mistakes stand below a heading.
        var lines = failed.Error.TrimEnd().Split('\n');
        Assert.True(lines.Length == 1 || (lines.Length == 2 && lines[0].StartsWith("The configuration is wrong:", StringComparison.Ordinal)), failed.Error);
    }

    private Task<(int Exit, string Error)> ServeAsync(params string[] more) => ServeAsync("true", more);

    // A shell sets up what the host finds; then it is the host.
    private async Task<(int Exit, string Error)> ServeAsync(string setUp, string[] more, string around = "")
    {
        string[] arguments =
        [
            "serve", .. more.Contains("--urls") ? (string[])[] : ["--urls", "http://127.0.0.1:0"], "--admin-urls", "http://127.0.0.1:0",
            "--data", _folder.Data, "--workflows", _folder.Workflows, "--plugins", Path.Combine(_folder.Data, "no-plugins"), .. more,
        ];
        var script = $"{setUp} && exec dotnet {SluiceProgram.Program} {string.Join(' ', arguments)}";
        var start = new ProcessStartInfo("/bin/sh", ["-c", around.Length == 0 ? script : $"exec {around} /bin/sh -c '{script}'"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestHost.Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            await output;
            return (process.ExitCode, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<int> ShellAsync(string script)
    {
        using var process = Process.Start("/bin/sh", ["-c", script]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
