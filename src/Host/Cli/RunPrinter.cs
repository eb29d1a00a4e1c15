using System.Globalization;
using Sluice.Host.Api;
using Spectre.Console;

namespace Sluice.Host.Cli;

/// <summary>Prints runs for people.</summary>
internal static class RunPrinter
{
    public static void PrintList(IReadOnlyList<RunSummaryView> runs)
    {
        var table = Table("run", "workflow", "version", "status", "started", "took");
        foreach (var run in runs)
        {
            var took = run.FinishedAt is { } finished ? $"{(finished - run.StartedAt).TotalMilliseconds:0} ms" : "";
            table.AddRow(Escaped(run.Id, run.Workflow, run.Version.ToString(CultureInfo.InvariantCulture), run.Status, Time(run.StartedAt), took));
        }

        AnsiConsole.Write(table);
    }

    public static void PrintList(IReadOnlyList<RequestSummaryView> requests)
    {
        var table = Table("request", "workflow", "method", "target", "bytes", "run", "received");
        foreach (var request in requests)
        {
            table.AddRow(Escaped(
                request.Id, request.Workflow, request.Method, request.Target,
                request.BodyBytes.ToString(CultureInfo.InvariantCulture), request.RunStatus, Time(request.ReceivedAt)));
        }

        AnsiConsole.Write(table);
    }

    public static void Print(RunView run)
    {
        Console.WriteLine($"{run.Id}  {run.Workflow} version {run.Version}  {run.Status}");
        Console.WriteLine($"started {Time(run.StartedAt)}{(run.FinishedAt is { } finished ? $", finished {Time(finished)}" : "")}");
        if (run.Reply is { } reply)
        {
            Console.WriteLine($"replied {reply.Status}{(reply.SentAt is { } sent ? $" at {Time(sent)}" : ", not sent, kept for those who ask later")}: {reply.Body}");
        }

        if (run.Error is { } error)
        {
            Console.WriteLine($"failed: {error.Kind}: {error.Message}");
        }

        if (run.Message is { } message)
        {
            Console.WriteLine(message);
        }

        PrintSteps(run, Console.Out);
    }

    /// <summary>One line a step, wide or not: outputs are for reading and copying.</summary>
    public static void PrintSteps(RunView run, TextWriter output)
    {
        foreach (var step in run.Steps)
        {
            var port = step.Port is null ? "" : $" -> {step.Port}";
            var result = step.Error is { } error ? $"{error.Kind}: {error.Message}" : step.Output?.GetRawText() ?? "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step.Key} ({step.Type}) {step.Status}{port} in {step.DurationMs:0.0} ms  {result}"));
        }

        foreach (var warning in run.Warnings)
        {
            output.WriteLine($"  warning: {warning}");
        }
    }

    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    /// <summary>Cells of text: nothing in them is markup.</summary>
    public static string[] Escaped(params string[] cells) => [.. cells.Select(Markup.Escape)];

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
