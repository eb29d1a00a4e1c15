using System.Text.Json;

namespace Sluice.Engine.Journal;

/// <summary>The member names and words of journal entries, encoded once.</summary>
internal static class EntryNames
{
    public static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    public static readonly JsonEncodedText StepStarted = JsonEncodedText.Encode("step_started");
    public static readonly JsonEncodedText Step = JsonEncodedText.Encode("step");
    public static readonly JsonEncodedText Reply = JsonEncodedText.Encode("reply");
    public static readonly JsonEncodedText ReplyKept = JsonEncodedText.Encode("reply_kept");
    public static readonly JsonEncodedText Warning = JsonEncodedText.Encode("warning");
    public static readonly JsonEncodedText Ended = JsonEncodedText.Encode("ended");
    public static readonly JsonEncodedText Decided = JsonEncodedText.Encode("decided");
    public static readonly JsonEncodedText Retried = JsonEncodedText.Encode("retried");
    public static readonly JsonEncodedText Interrupted = JsonEncodedText.Encode("interrupted");
    public static readonly JsonEncodedText LeftOff = JsonEncodedText.Encode("left_off");
    public static readonly JsonEncodedText Quarantined = JsonEncodedText.Encode("quarantined");
    public static readonly JsonEncodedText Woken = JsonEncodedText.Encode("woken");

    public static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    public static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    public static readonly JsonEncodedText Attempt = JsonEncodedText.Encode("attempt");
    public static readonly JsonEncodedText Port = JsonEncodedText.Encode("port");
    public static readonly JsonEncodedText Output = JsonEncodedText.Encode("output");
    public static readonly JsonEncodedText OutputBytes = JsonEncodedText.Encode("output_bytes");
    public static readonly JsonEncodedText Error = JsonEncodedText.Encode("error");
    public static readonly JsonEncodedText Message = JsonEncodedText.Encode("message");
    public static readonly JsonEncodedText Retryable = JsonEncodedText.Encode("retryable");
    public static readonly JsonEncodedText At = JsonEncodedText.Encode("at");
    public static readonly JsonEncodedText StartedAt = JsonEncodedText.Encode("started_at");
    public static readonly JsonEncodedText DurationMs = JsonEncodedText.Encode("duration_ms");
    public static readonly JsonEncodedText Plugin = JsonEncodedText.Encode("plugin");
    public static readonly JsonEncodedText WakeAt = JsonEncodedText.Encode("wake_at");
    public static readonly JsonEncodedText Signal = JsonEncodedText.Encode("signal");
    public static readonly JsonEncodedText Payload = JsonEncodedText.Encode("payload");
    public static readonly JsonEncodedText EndsWell = JsonEncodedText.Encode("ends_well");
    public static readonly JsonEncodedText Masked = JsonEncodedText.Encode("masked");
    public static readonly JsonEncodedText Secrets = JsonEncodedText.Encode("secrets");
    public static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    public static readonly JsonEncodedText Spelling = JsonEncodedText.Encode("spelling");
    public static readonly JsonEncodedText From = JsonEncodedText.Encode("from");
    public static readonly JsonEncodedText Number = JsonEncodedText.Encode("number");
    public static readonly JsonEncodedText Sent = JsonEncodedText.Encode("sent");
    public static readonly JsonEncodedText Acknowledged = JsonEncodedText.Encode("acknowledged");
    public static readonly JsonEncodedText Acknowledgement = JsonEncodedText.Encode("acknowledgement");
    public static readonly JsonEncodedText Headers = JsonEncodedText.Encode("headers");
    public static readonly JsonEncodedText ContentType = JsonEncodedText.Encode("content_type");
    public static readonly JsonEncodedText Body = JsonEncodedText.Encode("body");
    public static readonly JsonEncodedText Apart = JsonEncodedText.Encode("apart");
    public static readonly JsonEncodedText Fence = JsonEncodedText.Encode("fence");
    public static readonly JsonEncodedText Blob = JsonEncodedText.Encode("blob");
    public static readonly JsonEncodedText Sandbox = JsonEncodedText.Encode("sandbox");

    private static readonly JsonEncodedText[] StepStatuses = [.. Enum.GetNames<StepStatus>().Select(Encode)];
    private static readonly JsonEncodedText[] RunStatuses = [.. Enum.GetNames<RunStatus>().Select(Encode)];

    public static JsonEncodedText Of(StepStatus status) => StepStatuses[(int)status];

    public static JsonEncodedText Of(RunStatus status) => RunStatuses[(int)status];

    private static JsonEncodedText Encode(string name) => JsonEncodedText.Encode(name.ToLowerInvariant());
}
