using System.Globalization;
using System.Text.Json;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli;

/// <summary>Prints runs for people.</summary>
internal sealed class RunPrinter(Terminal terminal)
{
    private const string Indent = "  ";
    private const string Ellipsis = "…";

    // The column of the values that follow a label.
    private const int LabelWidth = 10;

    public void PrintList(IReadOnlyList<RunSummaryView> runs) => terminal.Table(
        ["run", "workflow", "version", "status", "started", "took"],
        runs.Select(run => (Cell[])
        [
            run.Id, run.Workflow, run.Version.ToString(CultureInfo.InvariantCulture), new Cell(run.Status, StyleOf(run.Status)), Time(run.StartedAt),
            run.FinishedAt is { } finished ? Duration(finished - run.StartedAt) : "",
        ]));

    public void Print(RunView run)
    {
        terminal.Line($"Run {terminal.Paint(Terminal.CleanLine(run.Id), Style.Strong)}");
        Field("workflow", $"{run.Workflow}, version {run.Version}");
        Field("status", run.Status, StyleOf(run.Status));
        Field("trigger", TriggerOf(run.Trigger));
        Field("started", Time(run.StartedAt));
        if (run.FinishedAt is { } finished)
        {
            Field("finished", $"{Time(finished)}, after {Duration(finished - run.StartedAt)}");
        }

        if (run.Error is { } error)
        {
            Field("error", $"{error.Kind}: {error.Message}{(error.Retryable ? " (retryable)" : "")}", Style.Bad);
        }

        if (run.Message is { } message)
        {
            Field("message", message);
        }

        if (run.Reply is { } reply)
        {
            Print(reply, run.StartedAt);
        }

        terminal.Line();
        PrintSteps(run);
        if (run.Steps.FirstOrDefault(step => step.OutputBytes is not null) is { } large)
        {
            terminal.Line();
            terminal.Line(Terminal.CleanLine($"Large outputs are not shown. To print one: sluice runs output {run.Id} {large.Key}"));
        }
    }

    /// <summary>Prints the steps, one line each, with their errors below.</summary>
    public void PrintSteps(RunView run)
    {
        terminal.Line(terminal.Paint(run.Steps.Count == 0 ? "No steps" : "Steps", Style.Strong));
        IReadOnlyList<Cell>[] rows =
        [
            .. run.Steps.Select(step => (Cell[])
            [
                Terminal.CleanLine(step.Key), Terminal.CleanLine(step.Type), new Cell(step.Status, StyleOf(step.Status)),
                step.Port is { } port ? $"-> {Terminal.CleanLine(port)}" : "",
                step.Attempt > 1 ? string.Create(CultureInfo.InvariantCulture, $"attempt {step.Attempt}") : "",
                $"+{Duration(step.StartedAt - run.StartedAt)}",
                string.Create(CultureInfo.InvariantCulture, $"took {step.DurationMs:0.0} ms"),
                ResultOf(step),
            ]),
        ];
        terminal.Columns(Cut(rows), Indent);
        foreach (var warning in run.Warnings)
        {
            terminal.Line($"{Indent}{terminal.Paint("warning", Style.Warning)}: {Terminal.CleanLine(warning)}");
        }
    }

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) + (time.Offset == TimeSpan.Zero ? "Z" : "");

    private void Print(ReplyView reply, DateTimeOffset started)
    {
        var sent = reply.SentAt is { } at ? $", sent after {Duration(at - started)}" : ", not sent: kept for callers that ask for it later";
        Field("reply", string.Create(CultureInfo.InvariantCulture, $"{reply.Status}{sent}"));
        foreach (var (name, value) in reply.Headers)
        {
            Field("", $"{name}: {value}");
        }

        foreach (var line in Terminal.Clean(reply.Body ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Field("", line);
        }
    }

    private void Field(string label, string value, Style style = Style.None) =>
        terminal.Line($"{Indent}{terminal.Paint(label.PadRight(LabelWidth), Style.Dim)}{terminal.Paint(Terminal.CleanLine(value), style)}");

    // On a terminal an output is cut at the edge: the JSON has all of it. Errors are never cut.
    private IReadOnlyList<Cell>[] Cut(IReadOnlyList<Cell>[] rows)
    {
        if (terminal.Width is not { } width || rows.Length == 0)
        {
            return rows;
        }

        var before = Indent.Length + Enumerable.Range(0, rows[0].Count - 1).Sum(column => rows.Max(row => row[column].Text.Length) + 2);
        var most = Math.Max(width - before, 10);
        return
        [
            .. rows.Select(row => row[^1] is { Style: Style.None } result && result.Text.Length > most
                ? (IReadOnlyList<Cell>)[.. row.SkipLast(1), result.Text[..(most - 1)] + Ellipsis]
                : row),
        ];
    }

    private static Cell ResultOf(StepView step) => step switch
    {
        { Error: { } error } => new Cell(Terminal.CleanLine($"{error.Kind}: {error.Message}"), Style.Bad),
        { Signal: { } signal, WakeAt: var wake } => new Cell($"for the signal {Terminal.CleanLine(signal)}{(wake is { } at ? $", until {Time(at)}" : "")}", Style.Dim),
        { WakeAt: { } wake } => new Cell($"until {Time(wake)}", Style.Dim),
        { OutputBytes: { } bytes } => new Cell(string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes"), Style.Dim),
        { Output: { } output } => Terminal.CleanLine(output.GetRawText()),
        _ => "",
    };

    private static string TriggerOf(JsonElement trigger) =>
        string.Join(' ', ((string[])["type", "method", "target", "path"]).Select(member => Member(trigger, member)).OfType<string>().Take(3));

    private static string? Member(JsonElement trigger, string name) =>
        trigger.ValueKind == JsonValueKind.Object && trigger.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Gets the style of a status of runs, steps and plugins.</summary>
    public static Style StyleOf(string status) => status switch
    {
        "succeeded" or "active" => Style.Good,
        "failed" or "quarantined" or "rejected" or "leaking" => Style.Bad,
        "running" or "suspended" or "queued" or "draining" => Style.Warning,
        _ => Style.Dim,
    };

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
    };
}
