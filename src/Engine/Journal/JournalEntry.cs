using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Journal;

/// <summary>Something that happened in a run: one JSON object, told apart by its <c>kind</c>. <see cref="JournalEntryReader"/> reads what this writes.</summary>
internal abstract partial record JournalEntry
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

    /// <summary>The run's one reply.</summary>
    internal sealed record Replied(int Status, ImmutableArray<KeyValuePair<string, string>> Headers, string? ContentType, ReadOnlyMemory<byte> Body, DateTimeOffset At)
        : JournalEntry(At)
    {
        /// <summary>The step that replied; null if an older version wrote the entry.</summary>
        public string? By { get; init; }

        /// <summary>The ID of the run's file that is the body; null if <see cref="Body"/> is the body.</summary>
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
        /// <summary>The response if nothing replies; null for the host's own acknowledgement.</summary>
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

    /// <summary>The failed or quarantined run continues: its failed step counts as not called, and the crashes of its hosts are forgiven.</summary>
    internal sealed record Retried(DateTimeOffset At) : JournalEntry(At)
    {
        public override RunStatus? NewStatus => RunStatus.Running;

        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Retried);
            json.WriteString(EntryNames.At, At);
        }
    }

    /// <summary>A host crashed while the run was active; recorded by the host that takes the run over.</summary>
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

    /// <summary>A host that stopped left the run off.</summary>
    /// <param name="Fence">The fencing number of that host: a later owner that leaves no such entry crashed.</param>
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

    /// <summary>The run does not continue any more, because its hosts crashed each time.</summary>
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

    /// <summary>Something that this version does not know: a newer host wrote it. What it means for the run can't be told, so the run is held.</summary>
    /// <param name="What">What it is, for people: <c>an entry of the kind 'x'</c>.</param>
    internal sealed record Unknown(string What) : JournalEntry(default(DateTimeOffset))
    {
        /// <summary>Why the run does not continue, and how to continue it.</summary>
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
