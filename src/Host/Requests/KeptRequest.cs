using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Requests;

/// <summary>
/// A recorded request: the request that started a run, as the journal keeps it. Credentials are masked: the headers that
/// <see cref="CredentialHeaders"/> names, and the value of every secret anywhere.
/// </summary>
/// <param name="Method">The method.</param>
/// <param name="Target">Path and query, percent-encoded.</param>
/// <param name="Headers">The headers in their original order; names in lower case.</param>
/// <param name="Body">The body.</param>
internal sealed record KeptRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    // They describe the transfer of the body, which is recorded decoded.
    private static readonly string[] Framing = ["content-length", "content-encoding", "transfer-encoding", "connection", "expect"];

    /// <summary>Gets the request of a run; null if no request started it.</summary>
    public static KeptRequest? Of(RunHeader run, SecretMask mask)
    {
        if (run.Trigger != "webhook")
        {
            return null;
        }

        using var envelope = JsonDocument.Parse(mask.Apply(run.Envelope));
        var request = envelope.RootElement;
        return new KeptRequest(
            request.GetProperty("method").GetString()!,
            TargetOf(request),
            [
                .. request.GetProperty("headers").EnumerateObject()
                    .Where(header => !Framing.Contains(header.Name))
                    .Select(header => KeyValuePair.Create(header.Name, CredentialHeaders.IsOne(header.Name) ? SecretMask.Mask : header.Value.GetString()!)),
            ],
            mask.ApplyToText(run.Body));
    }

    /// <summary>Formats the request as an HTTP/1.1 message (RFC 9112, section 2.1), the input of <c>sluice run --request</c>.</summary>
    public byte[] ToMessage()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{Method} {Target} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append("\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. Body.Span];
    }

    private static string TargetOf(JsonElement request)
    {
        var path = new PathString(request.GetProperty("path").GetString()).ToUriComponent();
        var query = request.GetProperty("query").EnumerateObject().SelectMany(field => Values(field.Value).Select(value => $"{Escape(field.Name)}={Escape(value)}"));
        var text = string.Join('&', query);
        return text.Length == 0 ? path : $"{path}?{text}";
    }

    private static IEnumerable<string> Values(JsonElement value) =>
        value.ValueKind is JsonValueKind.Array ? value.EnumerateArray().Select(item => item.GetString() ?? "") : [value.GetString() ?? ""];

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
