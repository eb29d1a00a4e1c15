using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;

namespace Sluice.Host.Webhooks.AsyncReplies;

/// <summary>
/// Creates and checks the addresses of status resources. Each contains a token made with this host's key, so that nobody can guess one.
/// </summary>
/// <param name="key">At least 256 bits, kept as long as addresses must stay valid.</param>
internal sealed class StatusLinks(byte[] key)
{
    /// <summary>The prefix of every address.</summary>
    public const string Prefix = "/runs";

    /// <summary>Distinguishes a progress response from the final one: <c>pending</c> or <c>final</c>.</summary>
    public const string AnswerHeader = "Sluice-Answer";

    private const string RetryAfterSeconds = "1";

    /// <summary>Gets the address, relative to the host (RFC 9110, section 10.2.2).</summary>
    public string Of(RunId run) => $"{Prefix}/{run}?token={Token(run)}";

    /// <summary>Whether the token belongs to the run; in constant time.</summary>
    public bool IsOf(RunId run, string token) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(token.AsSpan()), MemoryMarshal.AsBytes(Token(run).AsSpan()));

    /// <summary>
    /// Writes a 202 in place of the reply: the preference is honored, and the reply will be available at the status resource.
    /// </summary>
    public Task WriteDeferralAsync(HttpContext http, RunId run, Preference preference)
    {
        http.Response.Headers["Preference-Applied"] = preference.Applied;
        return WritePendingAsync(http, run, RunStatus.Running);
    }

    /// <summary>Writes a 202 with the address of the status resource and when to ask again.</summary>
    public Task WritePendingAsync(HttpContext http, RunId run, RunStatus status)
    {
        var response = http.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers[AnswerWriter.RunIdHeader] = run.ToString();
        response.Headers[AnswerHeader] = "pending";
        response.Headers.Location = Of(run);
        response.Headers.RetryAfter = RetryAfterSeconds;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/json";
        var body = JsonText.Write((Run: run, Status: status, Location: Of(run)), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("run_id", state.Run.ToString());
            writer.WriteString("status", state.Status.ToString().ToLowerInvariant());
            writer.WriteString("location", state.Location);
            writer.WriteEndObject();
        });
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private string Token(RunId run) => Base64Url.EncodeToString(HMACSHA256.HashData(key, run.ToBytes()));
}
