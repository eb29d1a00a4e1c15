using Sluice.Host.Cli;
using Sluice.Host.Cli.Dev;

namespace Sluice.Host.Tests.Cli.Dev;

/// <summary>The author's inner loop on a real engine. What the .NET SDK would build lies ready: each save here is another release of one plugin.</summary>
public sealed class DevLoopTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly DirectoryInfo _author = Directory.CreateTempSubdirectory("sluice-author-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Workflow => Path.Combine(_author.FullName, "sluice.yaml");

    private string Request => Path.Combine(_author.FullName, "request.json");

    public void Dispose()
    {
        _folder.Dispose();
        _author.Delete(recursive: true);
    }

    [Fact]
    public async Task Each_save_is_built_swapped_and_answered_by_what_was_built()
    {
        var output = await RunAsync("1.0.0", "1.1.0", "2.0.0");

        Assert.Equal(["1.0.0", "1.1.0", "2.0.0"], Replies(output));
        Assert.Matches("forecast +forecast +succeeded ", output);
    }

    [Fact]
    public async Task A_build_that_fails_says_why_and_the_next_save_goes_on()
    {
        var output = await RunAsync("1.0.0", "Forecast.cs(3,7): error CS1002: ; expected", "1.1.0");

        Assert.Equal(["1.0.0", "1.1.0"], Replies(output));
        Assert.Contains("error CS1002", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_the_host_would_reject_says_why_and_the_next_save_goes_on()
    {
        var output = await RunAsync("1.3.0", "1.1.0");

        Assert.Equal(["1.1.0"], Replies(output));
        Assert.Contains("is rejected: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_that_does_not_fit_the_plugin_says_where_and_the_next_save_goes_on()
    {
        var output = await RunAsync("1.2.0", "1.0.0");

        Assert.Equal(["1.0.0"], Replies(output));
        Assert.Contains("4:", output, StringComparison.Ordinal);
        Assert.Contains("unit", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plugin_under_another_folders_name_makes_way_for_what_is_built_and_stays_on_the_disk()
    {
        var plugins = Path.Combine(_author.FullName, "plugins");
        var installed = Path.Combine(plugins, "Weather.From.A.Feed");
        Build(installed, "1.0.0");
        Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Notifications"), Path.Combine(plugins, "Notifications"));

        var output = await RunAsync([new("Plugins:Directory", plugins)], "1.1.0");

        Assert.Equal(["1.1.0"], Replies(output));
        Assert.Contains("Weather.From.A.Feed is the same plugin", output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(installed));
    }

    private Task<string> RunAsync(params string[] saves) => RunAsync([], saves);

    private async Task<string> RunAsync(IReadOnlyList<KeyValuePair<string, string?>> settings, params string[] saves)
    {
        await File.WriteAllTextAsync(Workflow, """
            name: weather
            trigger: { type: webhook, config: { path: /weather } }
            steps:
              - { key: forecast, type: forecast, config: { city: Oslo } }
              - { key: answer, type: webhook_response, config: { body: "{{ forecast.output.release }}" } }
            """, Token);
        await File.WriteAllTextAsync(Request, "{}", Token);
        await using var room = await LocalRoom.OpenAsync([new("Secrets:Directory", _folder.Secrets), .. settings], Token);
        var waiting = new Queue<string>(saves);
        using var output = new StringWriter();
        var loop = new DevLoop(
            room.Services, (folder, _) => Task.FromResult(Build(folder, waiting.Dequeue())), Path.Combine(_author.FullName, "Weather"), room.PluginsDirectory, Workflow, Request, TimeProvider.System, output);

        await Assert.ThrowsAsync<OperationCanceledException>(() => loop.RunAsync(
            _ => waiting.Count > 0 ? Task.CompletedTask : Task.FromException(new OperationCanceledException()), Token));
        return output.ToString();
    }

    private static string? Build(string folder, string save)
    {
        var built = Path.Combine(AppContext.BaseDirectory, "fixtures", $"Weather{save}");
        if (!Directory.Exists(built))
        {
            return save;
        }

        Copy(built, folder);
        return null;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }

    private static string[] Replies(string output) =>
        [.. output.Split('\n').Select(line => line.Trim()).Where(line => line.Length == 5 && char.IsAsciiDigit(line[0]) && line[1] == '.')];
}
