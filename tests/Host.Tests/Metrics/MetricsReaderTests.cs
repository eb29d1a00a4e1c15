using System.Diagnostics.Metrics;
using System.Globalization;
using Sluice.Engine.Metrics;

namespace Sluice.Host.Tests.Metrics;

/// <summary><c>/metrics</c> prints every instrument of the engine's meter.</summary>
public sealed class MetricsReaderTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private TestHost? _host;

    private TestHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(_folder, ("Runs:Max", "1"));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_instrument_is_printed_with_help_and_type()
    {
        var instruments = Instruments();

        var lines = await LinesAsync();

        Assert.Equal(
            instruments.Select(instrument => (instrument.Description!, KindOf(instrument))).Order(),
            lines.Where(line => line.StartsWith("# HELP ", StringComparison.Ordinal))
                .Select(line => line.Split(' ', 4))
                .Select(help => (help[3], lines.Single(line => line.StartsWith($"# TYPE {help[2]} ", StringComparison.Ordinal)).Split(' ')[3]))
                .Order());
    }

    [Fact]
    public async Task The_metrics_keep_their_names()
    {
        string[] names =
        [
            "sluice_webhook_answers_total",
            "sluice_webhook_refusals_total",
            "sluice_runs_ended_total",
            "sluice_runs_deleted_total",
            "sluice_runs_active",
            "sluice_runs_queued",
            "sluice_runs_quarantined",
            "sluice_body_bytes",
            "sluice_pool_threads",
            "sluice_callers_waiting",
            "sluice_connections",
            "sluice_connections_closed_total",
            "sluice_connections_refused_total",
            "sluice_journal_writable",
            "sluice_journal_lost",
            "sluice_plugins",
            "sluice_plugin_swaps_total",
            "sluice_plugin_unloads_total",
            "sluice_plugin_calls_written_off",
            "sluice_plugin_management_stuck",
            "sluice_workflows_held",
            "sluice_webhook_response_duration_seconds",
            "sluice_runs_queue_duration_seconds",
            "sluice_journal_commit_duration_seconds",
            "sluice_steps_duration_seconds",
        ];

        var lines = await LinesAsync();

        Assert.All(names, name => Assert.Contains(lines, line => line.StartsWith($"# TYPE {name} ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_buckets_of_a_histogram_add_up_to_what_was_recorded()
    {
        await Host.PublishAsync("timed", "  - { key: one, type: set, config: { values: { a: 1 } } }\n  - { key: answer, type: webhook_response }");
        for (var count = 0; count < 3; count++)
        {
            await Host.EndOfAsync(await Host.PostAsync("/hooks/timed"));
        }

        await Host.PostAsync("/hooks/nowhere");
        var lines = await LinesAsync();

        Assert.Equal(4, CountOf(lines, "sluice_webhook_response_duration_seconds"));
        Assert.Equal(6, CountOf(lines, "sluice_steps_duration_seconds"));
        Assert.InRange(CountOf(lines, "sluice_journal_commit_duration_seconds"), 3, 100);
    }

    [Fact]
    public async Task A_run_that_waited_for_a_place_is_in_the_histogram_of_the_queue()
    {
        using var mark = new Mark();
        await Host.PublishAsync("blocking", $"  - {{ key: waits, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await Host.PublishAsync("queued", "  - { key: one, type: set, config: { values: { a: 1 } } }");
        await Host.PostAsync("/hooks/blocking");
        await mark.EnteredAsync();
        var queued = await Host.PostAsync("/hooks/queued");
        var before = CountOf(await LinesAsync(), "sluice_runs_queue_duration_seconds");

        mark.Open();
        await Host.EndOfAsync(queued);

        Assert.Equal((0, 1), (before, CountOf(await LinesAsync(), "sluice_runs_queue_duration_seconds")));
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => "histogram",
        ObservableCounter<long> => "counter",
        _ => "gauge",
    };

    // The count of a histogram, whose buckets must lead up to it.
    private static long CountOf(string[] lines, string name)
    {
        long[] buckets = [.. lines.Where(line => line.StartsWith($"{name}_bucket{{le=", StringComparison.Ordinal)).Select(ValueOf)];
        var count = ValueOf(lines.Single(line => line.StartsWith($"{name}_count ", StringComparison.Ordinal)));

        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(count, buckets[^1]);
        Assert.Contains(lines, line => line.StartsWith($"{name}_bucket{{le=\"+Inf\"}} ", StringComparison.Ordinal));
        return count;
    }

    private static long ValueOf(string line) => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);

    private async Task<string[]> LinesAsync() => (await Host.GetAsync("/metrics")).Body.Split('\n');

    private List<Instrument> Instruments()
    {
        var meter = Host.Get<EngineMetrics>().Meter;
        var instruments = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    instruments.Add(instrument);
                }
            },
        };
        listener.Start();
        return instruments;
    }
}
