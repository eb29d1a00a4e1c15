using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Journal;

/// <summary>Something that happened in a run: one JSON object, told apart by its <c>kind</c>. <see cref="JournalEntryReader"/> reads what this writes.</summary>
internal abstract record JournalEntry
{
    private JournalEntry(DateTimeOffset at) => At = at;

    /// <summary>When it happened; of a step, when it was over.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The status of the run from this entry on; null if it stays what it is.</summary>
    public virtual RunStatus? NewStatus => null;

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteMembers(json);
        json.WriteEndObject();
    }

    private protected abstract void WriteMembers(Utf8JsonWriter json);

    /// <summary>A step is about to be called: after a crash it is known that it may have been. Written of steps that touch the world, and of every step of a run that was interrupted.</summary>
    internal sealed record StepStarted(string Key, int Attempt, DateTimeOffset At) : JournalEntry(At)
    {
        /// <summary>The plugin that it runs in: <c>name@version+hash</c>; null in entries of Sluice 1.0.</summary>
        public string? Plugin { get; init; }

        /// <summary>Whether it runs in a process of its own, so that it cannot end the host.</summary>
        public bool IsApart { get; init; }

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.StepStarted);
            json.WriteString(EntryNames.Step, Key);
            json.WriteNumber(EntryNames.Attempt, Attempt);
            json.WriteString(EntryNames.At, At);
            WriteOptional(json, EntryNames.Plugin, Plugin);
            if (IsApart)
            {
                json.WriteBoolean(EntryNames.Apart, true);
            }
        }
    }

    /// <summary>A call of a step came out.</summary>
    /// <param name="Key">The step's key.</param>
    /// <param name="Type">The node's type identifier.</param>
    /// <param name="Status">How it came out.</param>
    /// <param name="Attempt">Which attempt it was, from 1.</param>
    /// <param name="StartedAt">When the call began.</param>
    /// <param name="Duration">How long it took; kept to the microsecond.</param>
    internal sealed record Step(
        string Key, string Type, StepStatus Status, int Attempt, DateTimeOffset StartedAt, TimeSpan Duration) : JournalEntry(StartedAt + Duration)
    {
        /// <summary>The port it left through.</summary>
        public string? Port { get; init; }

        /// <summary>The output, UTF-8 JSON, kept byte for byte; empty where there is none.</summary>
        public ReadOnlyMemory<byte> Output { get; init; }

        /// <summary>How many bytes the output has if it is stored apart, and <see cref="Output"/> is empty; null otherwise.</summary>
        public long? OutputBytes { get; init; }

        /// <summary>Why it failed.</summary>
        public NodeFailure? Error { get; init; }

        /// <summary>The plugin that it ran in: <c>name@version+hash</c>; without the hash in entries of Sluice 1.0.</summary>
        public string? Plugin { get; init; }

        /// <summary>When a suspended step is to be called again; null if only a signal wakes it.</summary>
        public DateTimeOffset? WakeAt { get; init; }

        /// <summary>The signal that wakes a suspended step; null if none does.</summary>
        public string? Signal { get; init; }

        /// <summary>That the step ended the run, and how.</summary>
        public RunEnd? End { get; init; }

        /// <summary>
        /// Whether the output of a pure step is stored with a secret masked. Where <see cref="Secrets"/> is empty, as earlier builds left it, the true output
        /// comes only from running the step again.
        /// </summary>
        public bool Masked { get; init; }

        /// <summary>The secrets that are masked in the output, in the order of their places.</summary>
        public ImmutableArray<MaskedSecret> Secrets { get; init; } = [];

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Step);
            json.WriteString(EntryNames.Step, Key);
            json.WriteString(EntryNames.Type, Type);
            json.WriteString(EntryNames.Status, EntryNames.Of(Status));
            json.WriteNumber(EntryNames.Attempt, Attempt);
            WriteOptional(json, EntryNames.Port, Port);
            if (!Output.IsEmpty)
            {
                json.WritePropertyName(EntryNames.Output);
                json.WriteRawValue(Output.Span, skipInputValidation: true);
            }

            if (OutputBytes is { } outputBytes)
            {
                json.WriteNumber(EntryNames.OutputBytes, outputBytes);
            }

            WriteError(json, Error);
            json.WriteString(EntryNames.StartedAt, StartedAt);
            json.WriteNumber(EntryNames.DurationMs, Duration.Ticks / TimeSpan.TicksPerMicrosecond / 1000m);
            WriteOptional(json, EntryNames.Plugin, Plugin);
            if (WakeAt is { } wakeAt)
            {
                json.WriteString(EntryNames.WakeAt, wakeAt);
            }

            WriteOptional(json, EntryNames.Signal, Signal);

            if (End is { } end)
            {
                json.WriteBoolean(EntryNames.EndsWell, end.Succeeded);
                WriteOptional(json, EntryNames.Message, end.Message);
            }

            if (Masked)
            {
                json.WriteBoolean(EntryNames.Masked, true);
            }

            if (!Secrets.IsEmpty)
            {
                WriteSecrets(json, Secrets);
            }
        }
    }

    /// <summary>The run's one reply.</summary>
    internal sealed record Replied(int Status, ImmutableArray<KeyValuePair<string, string>> Headers, string? ContentType, ReadOnlyMemory<byte> Body, DateTimeOffset At)
        : JournalEntry(At)
    {
        /// <summary>The step that replied; null where an older host wrote the entry.</summary>
        public string? By { get; init; }

        /// <summary>The file of the run that is the body, by its id; null where the body is its bytes.</summary>
        public string? Blob { get; init; }

        /// <summary>Whether a body that could hold scripts is sent with a sandbox policy.</summary>
        public bool Sandbox { get; init; } = true;

        /// <summary>Whether a caller waited for it. Otherwise it is kept for those who ask later.</summary>
        public bool Sent { get; init; } = true;

        /// <summary>Whether it is stored with a secret masked, so that the true one can't be given again.</summary>
        public bool Masked { get; init; }

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Reply);
            WriteOptional(json, EntryNames.Step, By);
            json.WriteNumber(EntryNames.Status, Status);
            json.WriteStartArray(EntryNames.Headers);
            foreach (var (name, value) in Headers)
            {
                json.WriteStartArray();
                json.WriteStringValue(name);
                json.WriteStringValue(value);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            WriteOptional(json, EntryNames.ContentType, ContentType);
            json.WriteBase64String(EntryNames.Body, Body.Span);
            WriteOptional(json, EntryNames.Blob, Blob);
            json.WriteString(EntryNames.At, At);
            if (!Sandbox)
            {
                json.WriteBoolean(EntryNames.Sandbox, false);
            }

            if (!Sent)
            {
                json.WriteBoolean(EntryNames.Sent, false);
            }

            if (Masked)
            {
                json.WriteBoolean(EntryNames.Masked, true);
            }
        }
    }

    /// <summary>The run's reply is kept for those who ask for it later, whether or not a caller waits when it comes: a repeat, or the status resource.</summary>
    /// <param name="Acknowledged">Whether the caller was answered as soon as the run was durable, because no step replies.</param>
    /// <param name="At">When.</param>
    internal sealed record ReplyKept(bool Acknowledged, DateTimeOffset At) : JournalEntry(At)
    {
        /// <summary>What is told where nothing replies; null for the host's own acknowledgement.</summary>
        public Replied? Acknowledgement { get; init; }

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.ReplyKept);
            if (Acknowledged)
            {
                json.WriteBoolean(EntryNames.Acknowledged, true);
            }

            if (Acknowledgement is { } acknowledgement)
            {
                json.WritePropertyName(EntryNames.Acknowledgement);
                acknowledgement.WriteTo(json);
            }

            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>Something that the run's reader should know: a second reply, a caller who is gone.</summary>
    internal sealed record Warning(string Message, DateTimeOffset At) : JournalEntry(At)
    {
        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Warning);
            json.WriteString(EntryNames.Message, Message);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>The run ended.</summary>
    /// <param name="Status">Succeeded, failed or cancelled.</param>
    /// <param name="Error">Why it failed.</param>
    /// <param name="Message">What the step that ended it says.</param>
    /// <param name="At">When.</param>
    internal sealed record Ended(RunStatus Status, NodeFailure? Error, string? Message, DateTimeOffset At) : JournalEntry(At)
    {
        public override RunStatus? NewStatus => Status;

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Ended);
            json.WriteString(EntryNames.Status, EntryNames.Of(Status));
            WriteError(json, Error);
            WriteOptional(json, EntryNames.Message, Message);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>The failed or quarantined run goes on: its failed step counts as not run, and the deaths of its hosts are forgiven.</summary>
    internal sealed record Retried(DateTimeOffset At) : JournalEntry(At)
    {
        public override RunStatus? NewStatus => RunStatus.Running;

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Retried);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>A host died while it walked the run; noted by the host that takes the run up.</summary>
    /// <param name="Key">The step that was in flight; null if that is not known.</param>
    /// <param name="At">When it was noted.</param>
    internal sealed record Interrupted(string? Key, DateTimeOffset At) : JournalEntry(At)
    {
        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Interrupted);
            WriteOptional(json, EntryNames.Step, Key);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>A host that stopped left the run where it was.</summary>
    /// <param name="Fence">The fencing number of that host: a later owner that leaves no such entry died.</param>
    /// <param name="At">When.</param>
    internal sealed record LeftOff(long Fence, DateTimeOffset At) : JournalEntry(At)
    {
        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.LeftOff);
            json.WriteNumber(EntryNames.Fence, Fence);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>The run is not walked any more, because its hosts died each time.</summary>
    /// <param name="Key">The step that was in flight; null if that is not known.</param>
    /// <param name="Plugin">The plugin that the step ran in; null if that is not known.</param>
    /// <param name="Message">Why, and how to release it.</param>
    /// <param name="At">When.</param>
    internal sealed record Quarantined(string? Key, string? Plugin, string Message, DateTimeOffset At) : JournalEntry(At)
    {
        public override RunStatus? NewStatus => RunStatus.Quarantined;

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Quarantined);
            WriteOptional(json, EntryNames.Step, Key);
            WriteOptional(json, EntryNames.Plugin, Plugin);
            json.WriteString(EntryNames.Message, Message);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>A choice of the walk that can't be derived again, such as which of several failures came first.</summary>
    /// <param name="Path">The path of the step that chose.</param>
    /// <param name="Decision">What it chose.</param>
    /// <param name="At">When.</param>
    internal sealed record Decided(string Path, string Decision, DateTimeOffset At) : JournalEntry(At)
    {
        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Decided);
            json.WriteString(EntryNames.Step, Path);
            json.WriteString(EntryNames.Message, Decision);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>A signal woke a suspended step, and is consumed by it. A wait that ended by its time needs no record.</summary>
    /// <param name="Path">The path of the step.</param>
    /// <param name="Signal">The name of the signal.</param>
    /// <param name="Payload">What came with it, UTF-8 JSON; empty if nothing did.</param>
    /// <param name="At">When the signal came.</param>
    internal sealed record Woken(string Path, string Signal, ReadOnlyMemory<byte> Payload, DateTimeOffset At) : JournalEntry(At)
    {
        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Woken);
            json.WriteString(EntryNames.Step, Path);
            json.WriteString(EntryNames.Signal, Signal);
            if (!Payload.IsEmpty)
            {
                json.WritePropertyName(EntryNames.Payload);
                json.WriteRawValue(Payload.Span, skipInputValidation: true);
            }

            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>Something that this version does not know: a newer host wrote it. What it means for the run can't be told, so the run is held.</summary>
    /// <param name="What">What it is, for people: <c>an entry of the kind 'x'</c>.</param>
    internal sealed record Unknown(string What) : JournalEntry(default(DateTimeOffset))
    {
        /// <summary>Why the run does not go on, and how to have it go on.</summary>
        public string Reason => $"Its journal holds {What}, which this version of Sluice does not know: a newer version wrote it. Start that version again, or cancel the run.";

        private protected override void WriteMembers(Utf8JsonWriter json) => throw new InvalidOperationException("What is not known can't be written.");
    }

    private static void WriteOptional(Utf8JsonWriter json, JsonEncodedText name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteSecrets(Utf8JsonWriter json, ImmutableArray<MaskedSecret> secrets)
    {
        json.WriteStartArray(EntryNames.Secrets);
        foreach (var secret in secrets)
        {
            json.WriteStartObject();
            json.WriteNumber(EntryNames.At, secret.At);
            json.WriteString(EntryNames.Name, secret.Secret);
            json.WriteString(EntryNames.Spelling, secret.Spelling);
            if (secret.From > 0)
            {
                json.WriteNumber(EntryNames.From, secret.From);
            }

            if (secret.IsNumber)
            {
                json.WriteBoolean(EntryNames.Number, true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteError(Utf8JsonWriter json, NodeFailure? error)
    {
        if (error is null)
        {
            return;
        }

        json.WriteStartObject(EntryNames.Error);
        json.WriteString(EntryNames.Kind, error.Kind);
        json.WriteString(EntryNames.Message, error.Message);
        json.WriteBoolean(EntryNames.Retryable, error.Retryable);
        json.WriteEndObject();
    }
}

/// <summary>How a call of a step came out.</summary>
internal enum StepStatus
{
    Succeeded,
    Failed,
    Skipped,
    Suspended,
}
