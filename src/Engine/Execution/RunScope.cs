using System.Text.Json;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Execution;

/// <summary>The values of one run: what its trigger gave, what its steps have given so far, and what is known of the run itself.</summary>
internal sealed class RunScope(RunHeader header, TriggerData trigger, ISecrets secrets, byte[] uuidKey) : IScope, IDisposable
{
    private readonly Dictionary<string, StepValue> _steps = new(StringComparer.Ordinal);
    private readonly TriggerScope _trigger = new(trigger, secrets, header.StartedAt);
    private JsonElement? _run;
    private StepMoment _moment;
    private string _prefix = "";

    /// <summary>The outputs that are stored apart; null for most runs.</summary>
    public LargeOutputs? Large { get; private set; }

    /// <summary>Whether the step under evaluation has read the time or a UUID.</summary>
    public bool IsMomentRead => _moment.IsRead;

    public DateTimeOffset Now => _moment.Now;

    public Guid NextUuid() => _moment.NextUuid();

    /// <summary>Begins the evaluation of a step. The caller holds a lock on this scope while it evaluates or adds values.</summary>
    public void Begin(StepCall call, LoadedOutputs? loaded = null)
    {
        (_prefix, _moment) = (call.Prefix, new StepMoment(uuidKey, header.Id, call.Path, call.FirstStart));
        Large?.Loaded = loaded;
    }

    /// <summary>Makes a step's result readable to the steps after it.</summary>
    public void Add(string path, StepValue value) => _steps[path] = value;

    /// <summary>Makes the result of a step readable whose output is stored apart.</summary>
    public void Add(LargeOutput output)
    {
        _steps[output.Record.Key] = output;
        (Large ??= new LargeOutputs()).Add(output);
    }

    /// <summary>The outputs that are stored apart and that a step may read.</summary>
    public IEnumerable<LargeOutput> LargeOutputsFor(StepCall call) =>
        ((NodePlan)call.Plan).Step.OutputsRead.Select(key => Find(call.Prefix, key)).OfType<LargeOutput>();

    public string? Secret(string name) => secrets.Find(name);

    public string Mask(string text) => secrets.Masks.All.Apply(text);

    public JsonElement Resolve(Reference reference) => reference.Root switch
    {
        "trigger" => _trigger.Resolve(reference),
        "run" => reference.Follow(_run ??= DescribeRun(), 0),
        var key => Find(_prefix, key) switch
        {
            null => default,
            LargeOutput large when reference.ReadsOutput => (Large!.Loaded?.Find(large) ?? large).Resolve(reference),
            var value => value.Resolve(reference),
        },
    };

    public void Dispose()
    {
        trigger.Dispose();
        foreach (var step in _steps.Values)
        {
            step.Dispose();
        }
    }

    // The step of that key in the iteration of the step that reads it, or in one around it.
    private StepValue? Find(string readerPrefix, string key)
    {
        for (var prefix = readerPrefix; prefix.Length > 0; prefix = prefix[..(prefix.LastIndexOf('.', prefix.Length - 2) + 1)])
        {
            if (_steps.TryGetValue(prefix + key, out var inner))
            {
                return inner;
            }
        }

        return _steps.GetValueOrDefault(key);
    }

    private JsonElement DescribeRun() => JsonElement.Parse(JsonText.Write(header, static (writer, run) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id", run.Id.ToString());
        writer.WriteString("workflow", run.Workflow);
        writer.WriteNumber("version", run.Version);
        writer.WriteString("started_at", run.StartedAt);
        writer.WriteEndObject();
    }));
}

/// <summary>What a finished step left for the steps after it. The output is parsed when something first reads it.</summary>
internal class StepValue(string status, string? port, ReadOnlyMemory<byte> output) : IDisposable
{
    private JsonDocument? _output;
    private JsonElement? _whole;

    /// <param name="record">The record of the step.</param>
    /// <param name="output">Its output, with its secrets; empty for none.</param>
    public static StepValue Of(JournalEntry.Step record, ReadOnlyMemory<byte> output) => new(StatusOf(record), record.Port, output);

    public virtual JsonElement Resolve(Reference reference) => reference.Parts switch
    {
        [{ Name: "output" }, ..] => output.IsEmpty ? default : reference.Follow((_output ??= JsonDocument.Parse(output)).RootElement, 1),
        _ => reference.Follow(_whole ??= Whole(), 0),
    };

    public void Dispose() => _output?.Dispose();

    protected static string StatusOf(JournalEntry.Step record) => record.Status == StepStatus.Skipped ? "skipped" : "succeeded";

    // One level deeper than the output itself, which may be as deep as JSON is read.
    private JsonElement Whole() => JsonElement.Parse(JsonText.Write((Status: status, Port: port, Output: output), static (writer, step) =>
    {
        writer.WriteStartObject();
        writer.WriteString("status", step.Status);
        writer.WriteString("port", step.Port);
        if (!step.Output.IsEmpty)
        {
            writer.WritePropertyName("output");
            writer.WriteRawValue(step.Output.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }), JsonText.Wrapped);
}
