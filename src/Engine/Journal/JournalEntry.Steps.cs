using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Journal;

/// <content>What is recorded of steps.</content>
internal abstract partial record JournalEntry
{
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

    /// <summary>A call of a step ended.</summary>
    /// <param name="Key">The step's key.</param>
    /// <param name="Type">The node's type identifier.</param>
    /// <param name="Status">How it ended.</param>
    /// <param name="Attempt">Which attempt it was, from 1.</param>
    /// <param name="StartedAt">When the call began.</param>
    /// <param name="Duration">How long it took; kept to the microsecond.</param>
    internal sealed record Step(
        string Key, string Type, StepStatus Status, int Attempt, DateTimeOffset StartedAt, TimeSpan Duration) : JournalEntry(StartedAt + Duration)
    {
        /// <summary>The port it left through.</summary>
        public string? Port { get; init; }

        /// <summary>The output, UTF-8 JSON, kept byte for byte; empty if there is none.</summary>
        public ReadOnlyMemory<byte> Output { get; init; }

        /// <summary>How many bytes the output has if it is stored apart, and <see cref="Output"/> is empty; null otherwise.</summary>
        public long? OutputBytes { get; init; }

        /// <summary>Why it failed.</summary>
        public NodeFailure? Error { get; init; }

        /// <summary>The plugin that it ran in: <c>name@version+hash</c>; without the hash in entries of Sluice 1.0.</summary>
        public string? Plugin { get; init; }

        /// <summary>When a suspended step is called again; null if only a signal wakes it.</summary>
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

    /// <summary>What ended the wait of a step that waited for a signal, which is consumed by it. A wait for a time alone needs no record.</summary>
    /// <param name="Path">The path of the step.</param>
    /// <param name="Signal">The name of the signal; null if the time came first.</param>
    /// <param name="Payload">What came with it, UTF-8 JSON; empty if nothing did.</param>
    /// <param name="At">When the signal came, or the time that the step had waited for.</param>
    internal sealed record Woken(string Path, string? Signal, ReadOnlyMemory<byte> Payload, DateTimeOffset At) : JournalEntry(At)
    {
        private protected override void WriteMembers(Utf8JsonWriter json)
        {
            json.WriteString(EntryNames.Kind, EntryNames.Woken);
            json.WriteString(EntryNames.Step, Path);
            WriteOptional(json, EntryNames.Signal, Signal);
            if (!Payload.IsEmpty)
            {
                json.WritePropertyName(EntryNames.Payload);
                json.WriteRawValue(Payload.Span, skipInputValidation: true);
            }

            json.WriteString(EntryNames.At, At);
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
}

/// <summary>How a call of a step ended.</summary>
internal enum StepStatus
{
    Succeeded,
    Failed,
    Skipped,
    Suspended,
}
