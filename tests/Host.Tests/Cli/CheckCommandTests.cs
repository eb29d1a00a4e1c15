using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

/// <summary><c>sluice check</c> over several files: what a host that is given all of them would refuse.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sluice-check-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Two_workflows_on_one_path_and_method_are_wrong_in_one_batch_and_right_alone()
    {
        var first = Write("a.yaml", "first", "/orders/{id}");
        var second = Write("b.yaml", "second", "/orders/{number}");

        var (exit, output, _) = await RunAsync("check", first, second);
        var (alone, _, _) = await RunAsync("check", second);

        Assert.Equal((1, 0), (exit, alone));
        Assert.Contains($"{second}:2:44: route-taken: POST /orders/{{number}} is taken: the workflow 'first' listens to POST /orders/{{id}}.", output, StringComparison.Ordinal);
        Assert.EndsWith("2 workflows checked, 1 problem.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_workflows_of_one_name_in_a_directory_are_wrong()
    {
        Write("a.yaml", "same", "/a");
        Write("b.yml", "same", "/b");
        Write("notes.txt", "same", "/c");
        Write(".hidden.yaml", "same", "/d");

        var (exit, output, _) = await RunAsync("check", _directory.FullName, Path.Combine(_directory.FullName, "a.yaml"));

        Assert.Equal(1, exit);
        Assert.Contains($"{Path.Combine(_directory.FullName, "b.yml")}:1:7: duplicate-workflow:", output, StringComparison.Ordinal);
        Assert.EndsWith("2 workflows checked, 1 problem.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_of_standard_input_is_judged_with_the_files()
    {
        var file = Write("a.yaml", "first", "/a");

        var (exit, output, _) = await RunAsync(Text("second", "/a"), ["check", file, "-"]);

        Assert.Equal(1, exit);
        Assert.Contains("-:2:44: route-taken:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_utf_8_is_wrong_and_an_empty_directory_is_refused()
    {
        var file = Path.Combine(_directory.FullName, "a.yaml");
        await File.WriteAllBytesAsync(file, [0x6E, 0xFF, 0xFE], TestContext.Current.CancellationToken);
        var empty = _directory.CreateSubdirectory("empty");

        var (exit, output, _) = await RunAsync("check", file);
        var (emptyExit, _, error) = await RunAsync("check", empty.FullName);

        Assert.Equal((1, 1), (exit, emptyExit));
        Assert.Contains($"{file}: bad-encoding:", output, StringComparison.Ordinal);
        Assert.Contains($"{empty.FullName} contains no workflow files", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_is_not_set_is_named_and_with_secrets_env_a_problem()
    {
        var file = Write("a.yaml", "first", "/a, auth: { type: github, secret: '{{ secrets.absent_key }}' }");

        var (exit, output, _) = await RunAsync("check", file);
        var (envExit, envOutput, _) = await RunAsync("check", file, "--secrets", "env");
        var (setExit, setOutput, _) = await RunAsync("", ["check", file, "--secrets", "env"], [("SLUICE_SECRET_ABSENT_KEY", "here")]);

        Assert.Equal((0, 1, 0), (exit, envExit, setExit));
        Assert.StartsWith("1 workflow checked, no problems.\nSecrets that are not set here: absent_key.", output, StringComparison.Ordinal);
        Assert.Contains($"{file}:", envOutput, StringComparison.Ordinal);
        Assert.Contains("unknown-secret:", envOutput, StringComparison.Ordinal);
        Assert.Equal("1 workflow checked, no problems.\n", setOutput);
    }

    [Fact]
    public async Task A_node_of_a_plugin_that_is_rejected_is_unknown_and_the_reason_is_told()
    {
        var plugins = _directory.CreateSubdirectory("plugins");
        plugins.CreateSubdirectory("Broken");

        var (exit, output, error) = await RunAsync("check", Write("a.yaml", "first", "/a"), "--plugins", plugins.FullName);

        Assert.Equal(1, exit);
        Assert.Contains("unknown-node", output, StringComparison.Ordinal);
        Assert.StartsWith("The plugin in Broken is rejected, so its nodes are unknown: ", error, StringComparison.Ordinal);
    }

    private string Write(string file, string name, string path)
    {
        var full = Path.Combine(_directory.FullName, file);
        File.WriteAllText(full, Text(name, path));
        return full;
    }

    private static string Text(string name, string path) =>
        $"name: {name}\ntrigger: {{ type: webhook, config: {{ path: {Quoted(path)} }} }}\nsteps: [ {{ key: end, type: stop }} ]\n";

    // A brace ends a plain scalar in YAML's flow style.
    private static string Quoted(string path) => path.Contains(',', StringComparison.Ordinal) ? path : $"'{path}'";
}
