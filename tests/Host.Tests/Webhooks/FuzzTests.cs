using System.Globalization;
using System.Security.Cryptography;
using CsCheck;
using Sluice.Host.Metrics;
using Sluice.Host.Tests.Webhooks.Fuzz;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Runs while no other test does, because it counts what the process holds.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;

/// <summary>
/// Whatever comes over the wire: never a 5xx of the host's own making, never a connection without an answer or an end, never anything left behind.
/// </summary>
/// <remarks>`bench/fuzz.sh` makes cases of the same kind for as long as one likes.</remarks>
[Collection(nameof(WholeProcess))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int AtOnce = 48;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Nothing_on_the_wire_is_a_fault_of_ours_or_hangs_or_leaks(uint seed)
    {
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder);
        var random = new PCG(seed, 20_260_000);
        await FuzzAsync(host, random, cases: 100);
        var before = await Footprint.OfAsync(host);

        await FuzzAsync(host, random, cases: 300);

        await Footprint.AssertNoLeakAsync(host, before, handles: 8, bytes: 16 * 1024 * 1024);
        AssertNoFileLeft(folder);
        Assert.Equal(200, (await host.PostAsync("/hooks/plain")).Status);
    }

    [Fact(Explicit = true)]
    public async Task For_as_long_as_it_is_told_nothing_is_a_fault_of_ours_or_hangs_or_leaks()
    {
        var seconds = NumberOf("FUZZ_SECONDS") ?? 60;
        var seed = NumberOf("FUZZ_SEED") ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"FUZZ_SEED={seed}, {seconds} s");
        using var folder = new TestFolder();
        // What the web server says of an exception that got to it is all there is to see of one.
        await using var host = await StartAsync(folder, ("Serilog:MinimumLevel:Default", "Error"), ("Serilog:MinimumLevel:Override:Microsoft", "Error"));
        if (Environment.GetEnvironmentVariable("FUZZ_CASE") is { Length: > 0 } one)
        {
            await FuzzAsync(host, PCG.Parse(one), cases: 1, patient: true);
            return;
        }

        var random = new PCG(seed, 20_260_000);
        await FuzzAsync(host, random, cases: 2000, patient: true);
        var before = await Footprint.OfAsync(host);
        var started = TimeProvider.System.GetTimestamp();
        var cases = 0;
        while (TimeProvider.System.GetElapsedTime(started).TotalSeconds < seconds)
        {
            await FuzzAsync(host, random, cases: 2000, patient: true);
            cases += 2000;
            var now = await Footprint.OfAsync(host);
            output.WriteLine($"{cases} cases, {now.Handles} handles ({before.Handles} before), {now.Bytes / 1024:N0} KiB live ({before.Bytes / 1024:N0} before)");
        }

        await Footprint.AssertNoLeakAsync(host, before, handles: 8, bytes: 32 * 1024 * 1024);
        AssertNoFileLeft(folder);
        output.WriteLine(string.Join(", ", host.Get<IngressMetrics>().Answers.Select(answer => $"{answer.Status}: {answer.Count}")));
    }

    private static uint? NumberOf(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? uint.Parse(text, CultureInfo.InvariantCulture) : null;

    private static async Task<TestHost> StartAsync(TestFolder folder, params (string, string?)[] settings)
    {
        var host = await TestHost.StartAsync(folder, settings);
        const string kept = """body: "{{ trigger.output.body }}", files: "{{ trigger.output.files }}", query: "{{ trigger.output.query }}" """;
        const string keep = $"  - {{ key: answer, type: webhook_response, config: {{ body: {{ {kept} }} }} }}";
        await host.PublishAsync("plain", keep, "methods: [POST, GET, PUT], cors: { origins: [\"https://app.example\"] }");
        await host.PublishAsync("ack", "  - { key: note, type: set, config: { values: { all: \"{{ trigger.output }}\" } } }", "methods: [POST, GET, DELETE]");
        const string trigger = "when: \"{{ trigger.output.headers.x-event != 'none' }}\", request: { body: { type: object, properties: { id: { type: integer } } } }";
        await host.PublishAsync("checked", keep, trigger);
        await host.PublishAsync("signed", keep, "methods: [POST], auth: { type: github, secret: \"{{ secrets.github_key }}\" }");
        await host.PutAsync("files", $"name: files\ntrigger: {{ type: webhook, config: {{ path: \"/files/{{name}}\", methods: [POST, GET] }} }}\nsteps:\n{keep}\n");
        return host;
    }

    private static Task FuzzAsync(TestHost host, PCG random, int cases, bool patient = false)
    {
        var all = HostileRequests.All(patient);
        return Parallel.ForEachAsync(
            Enumerable.Range(0, cases).Select(_ => (Seed: random.ToString(), Case: all.Generate(random, null, out var _))),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token },
            async (next, cancellationToken) =>
            {
                if (await FuzzedCaller.TryAsync(host.Port, next.Case, cancellationToken) is { } broken)
                {
                    Assert.Fail($"{broken}\n\nThe case, of seed {next.Seed}:\n{next.Case}");
                }
            });
    }

    // What was being received is gone with its request. What the journal, the plugins and the runs keep is none of this test's business.
    private static void AssertNoFileLeft(TestFolder folder)
    {
        var incoming = new DirectoryInfo(Path.Combine(folder.Data, "incoming"));
        Assert.Empty(incoming.Exists ? incoming.EnumerateFileSystemInfos() : []);
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), "ASPNETCORE_*"));
    }
}
