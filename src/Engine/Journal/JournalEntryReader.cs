using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Journal;

/// <summary>Reads the entries of a run back from its bytes. Members it doesn't know are passed over; an entry it doesn't know becomes <see cref="JournalEntry.Unknown"/>, which holds the run.</summary>
internal static class JournalEntryReader
{
    // An output as deep as a node may give one stands a level deeper in its entry.
    private const int MaxDepth = 128;

    /// <summary>All entries, in order. Outputs are slices of <paramref name="entries"/>, not copies.</summary>
    /// <exception cref="JsonException">The bytes are not what a journal holds.</exception>
    public static ImmutableArray<JournalEntry> Read(ReadOnlyMemory<byte> entries)
    {
        var read = ImmutableArray.CreateBuilder<JournalEntry>();
        var json = new Utf8JsonReader(entries.Span, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = MaxDepth });
        while (json.Read())
        {
            read.Add(ReadMembers(ref json, entries).ToEntry());
        }

        return read.DrainToImmutable();
    }

    private static Members ReadMembers(ref Utf8JsonReader json, ReadOnlyMemory<byte> source)
    {
        var members = new Members();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "kind": members.Kind = json.GetString(); break;
                case "step": members.Step = json.GetString(); break;
                case "type": members.Type = json.GetString(); break;
                case "status" when json.TokenType == JsonTokenType.Number: members.StatusCode = json.GetInt32(); break;
                case "status": members.Status = json.GetString(); break;
                case "attempt": members.Attempt = json.GetInt32(); break;
                case "port": members.Port = json.GetString(); break;
                case "output": members.Output = Slice(ref json, source); break;
                case "output_bytes": members.OutputBytes = json.GetInt64(); break;
                case "error": members.Error = ReadError(ref json); break;
                case "message": members.Message = json.GetString(); break;
                case "at": members.At = json.GetDateTimeOffset(); break;
                case "started_at": members.StartedAt = json.GetDateTimeOffset(); break;
                case "duration_ms": members.Duration = TimeSpan.FromTicks((long)(json.GetDecimal() * TimeSpan.TicksPerMillisecond)); break;
                case "plugin": members.Plugin = json.GetString(); break;
                case "wake_at": members.WakeAt = json.GetDateTimeOffset(); break;
                case "signal": members.Signal = json.GetString(); break;
                case "payload": members.Payload = Slice(ref json, source); break;
                case "ends_well": members.EndsWell = json.GetBoolean(); break;
                case "masked": members.Masked = json.GetBoolean(); break;
                case "secrets": members.Secrets = ReadSecrets(ref json); break;
                case "sent": members.Sent = json.GetBoolean(); break;
                case "sandbox": members.Sandbox = json.GetBoolean(); break;
                case "acknowledged": members.Acknowledged = json.GetBoolean(); break;
                case "acknowledgement": members.Acknowledgement = ReadMembers(ref json, source).ToEntry() as JournalEntry.Replied; break;
                case "headers": members.Headers = ReadHeaders(ref json); break;
                case "content_type": members.ContentType = json.GetString(); break;
                case "apart": members.Apart = json.GetBoolean(); break;
                case "fence": members.Fence = json.GetInt64(); break;
                case "blob": members.Blob = json.GetString(); break;
                case "body": members.Body = json.GetBytesFromBase64(); break;
                default: json.Skip(); break;
            }
        }

        return members;
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader json, ReadOnlyMemory<byte> source)
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return source[start..(int)json.BytesConsumed];
    }

    private static NodeFailure ReadError(ref Utf8JsonReader json)
    {
        string? kind = null;
        string? message = null;
        var retryable = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "kind": kind = json.GetString(); break;
                case "message": message = json.GetString(); break;
                case "retryable": retryable = json.GetBoolean(); break;
                default: json.Skip(); break;
            }
        }

        return new NodeFailure(kind ?? FailureKind.Defect, message ?? "", retryable);
    }

    private static ImmutableArray<MaskedSecret> ReadSecrets(ref Utf8JsonReader json)
    {
        var secrets = ImmutableArray.CreateBuilder<MaskedSecret>();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var secret = new MaskedSecret(0, "", "");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString();
                json.Read();
                switch (name)
                {
                    case "at": secret = secret with { At = json.GetInt32() }; break;
                    case "name": secret = secret with { Secret = json.GetString() ?? "" }; break;
                    case "spelling": secret = secret with { Spelling = json.GetString() ?? "" }; break;
                    case "from": secret = secret with { From = json.GetInt32() }; break;
                    case "number": secret = secret with { IsNumber = json.GetBoolean() }; break;
                    default: json.Skip(); break;
                }
            }

            secrets.Add(secret);
        }

        return secrets.DrainToImmutable();
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadHeaders(ref Utf8JsonReader json)
    {
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        while (json.Read() && json.TokenType == JsonTokenType.StartArray)
        {
            json.Read();
            var name = json.GetString() ?? "";
            json.Read();
            headers.Add(new(name, json.GetString() ?? ""));
            json.Read();
        }

        return headers.DrainToImmutable();
    }

    /// <summary>The members of one entry, of whatever kind.</summary>
    private struct Members()
    {
        public string? Kind;
        public string? Step;
        public string? Type;
        public string? Status;
        public int StatusCode;
        public int Attempt = 1;
        public string? Port;
        public ReadOnlyMemory<byte> Output;
        public long? OutputBytes;
        public NodeFailure? Error;
        public string? Message;
        public DateTimeOffset At;
        public DateTimeOffset StartedAt;
        public TimeSpan Duration;
        public string? Plugin;
        public DateTimeOffset? WakeAt;
        public string? Signal;
        public ReadOnlyMemory<byte> Payload;
        public bool? EndsWell;
        public bool Masked;
        public ImmutableArray<MaskedSecret> Secrets = [];
        public bool Sent = true;
        public bool Sandbox = true;
        public bool Acknowledged;
        public JournalEntry.Replied? Acknowledgement;
        public ImmutableArray<KeyValuePair<string, string>> Headers = [];
        public string? ContentType;
        public byte[]? Body;
        public string? Blob;
        public bool Apart;
        public long Fence;

        public readonly JournalEntry ToEntry() => Kind switch
        {
            "step_started" => new JournalEntry.StepStarted(Required(Step, "step"), Attempt, At) { Plugin = Plugin, IsApart = Apart },
            "step" when !TryParse<StepStatus>(Status, out _) => new JournalEntry.Unknown($"a step with the status '{Status}'"),
            "step" => new JournalEntry.Step(
                Required(Step, "step"), Required(Type, "type"), Parse<StepStatus>(Status), Attempt, StartedAt, Duration)
            {
                Port = Port,
                Output = Output,
                OutputBytes = OutputBytes,
                Error = Error,
                Plugin = Plugin,
                WakeAt = WakeAt,
                Signal = Signal,
                End = EndsWell is { } endsWell ? new RunEnd(endsWell, Message) : null,
                Masked = Masked,
                Secrets = Secrets,
            },
            "reply" => new JournalEntry.Replied(StatusCode, Headers, ContentType, Body, At)
            {
                By = Step,
                Blob = Blob,
                Sandbox = Sandbox,
                Sent = Sent,
                Masked = Masked,
            },
            "reply_kept" => new JournalEntry.ReplyKept(Acknowledged, At) { Acknowledgement = Acknowledgement },
            "warning" => new JournalEntry.Warning(Message ?? "", At),
            "ended" when !TryParse<RunStatus>(Status, out _) => new JournalEntry.Unknown($"an end with the status '{Status}'"),
            "ended" => new JournalEntry.Ended(Parse<RunStatus>(Status), Error, Message, At),
            "decided" => new JournalEntry.Decided(Required(Step, "step"), Message ?? "", At),
            "woken" => new JournalEntry.Woken(Required(Step, "step"), Signal, Payload, At),
            "retried" => new JournalEntry.Retried(At),
            "interrupted" => new JournalEntry.Interrupted(Step, At),
            "left_off" => new JournalEntry.LeftOff(Fence, At),
            "quarantined" => new JournalEntry.Quarantined(Step, Plugin, Message ?? "", At),
            _ => new JournalEntry.Unknown($"an entry of the kind '{Kind}'"),
        };

        private static string Required(string? value, string name) =>
            value ?? throw new JsonException($"A journal entry has no '{name}': it was not written by Sluice, or the file is damaged.");

        private static TStatus Parse<TStatus>(string? status)
            where TStatus : struct, Enum =>
            TryParse<TStatus>(status, out var parsed) ? parsed : throw new JsonException($"A journal entry has the status '{status}'.");

        private static bool TryParse<TStatus>(string? status, out TStatus parsed)
            where TStatus : struct, Enum => Enum.TryParse(status, ignoreCase: true, out parsed);
    }
}
