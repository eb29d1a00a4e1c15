using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Expressions;
using Sluice.Engine.Json;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Idempotency;

/// <summary>Finds the idempotency key of a delivery as its trigger says, and computes the hashes that a claim stores.</summary>
internal static class DeliveryKey
{
    // Stripe's limit, which others adopted.
    private const int LongestBare = 255;

    private static readonly SearchValues<char> BareCharacters = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(character => (char)character).Except("\"\\,;")]);

    /// <summary>Finds the key and its source; none if the delivery has no key. A malformed key results in a problem.</summary>
    /// <exception cref="ExpressionException">The trigger's expression failed.</exception>
    public static (string? Source, string? Key, HttpProblem? Problem) Find(
        in ParsedRequest request, IdempotencySettings settings, ISecrets secrets, DateTimeOffset now)
    {
        foreach (var source in settings.Sources)
        {
            var (key, problem) = source.Header is { } header ? FromHeader(request.Arrival, source, header) : (FromBody(request.Data, source.BodyMember!), null);
            if (key is not null || problem is not null)
            {
                return (source.Name, key, problem);
            }
        }

        return request.Arrival.Workflow.Compiled.Trigger.Key is { } template ? ("expression", Evaluate(template, request.Data, secrets, now), null) : default;
    }

    /// <summary>Computes SHA-256 over owner, source and key: keys are separate for each workflow, sender and source.</summary>
    /// <param name="workflow">The workflow's name.</param>
    /// <param name="identity">The sender of the delivery; null if senders are not verified, and then all senders share their keys.</param>
    /// <param name="source">The source of the key; none of the names contains an @.</param>
    /// <param name="key">The key.</param>
    public static byte[] Hash(string workflow, string? identity, string source, string key) =>
        Digest(identity is null ? $"{workflow}\0{source}\0{key}" : $"{workflow}\0{source}@{identity.Length}\0{identity}\0{key}", default);

    /// <summary>Computes SHA-256 over the method, the target and the body's bytes as received.</summary>
    public static byte[] Fingerprint(in ParsedRequest request)
    {
        var raw = request.Arrival.Http.Features.GetRequiredFeature<IHttpRequestFeature>();
        return Digest($"{raw.Method}\0{raw.RawTarget}\0", request.Verified.Body.Span);
    }

    private static byte[] Digest(string text, ReadOnlySpan<byte> bytes)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData(bytes);
        return hash.GetHashAndReset();
    }

    private static (string? Key, HttpProblem? Problem) FromHeader(WebhookRequest request, KeySource source, string header)
    {
        if (!request.Http.Request.Headers.TryGetValue(header, out var values))
        {
            return default;
        }

        var value = values.ToString();
        if (!source.IsStructured)
        {
            return (string.IsNullOrWhiteSpace(value) ? null : value, null);
        }

        return StructuredString.Parse(value) is { Length: > 0 } key ? (key, null)
            : source.TakesBare && IsBare(value) ? (value, null)
            : (null, Problems.BadKey);
    }

    // The form used before the draft: visible characters, except those with a meaning in structured fields.
    private static bool IsBare(string value) => value.Length is > 0 and <= LongestBare && !value.AsSpan().ContainsAnyExcept(BareCharacters);

    private static string? FromBody(TriggerData data, string member)
    {
        var body = data.Body;
        return body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out var value) ? Text(value) : null;
    }

    private static string? Evaluate(Template template, TriggerData data, ISecrets secrets, DateTimeOffset now) => Text(JsonElement.Parse(
        JsonText.Write((Template: template, Scope: new TriggerScope(data, secrets, now)), static (writer, state) => state.Template.WriteTo(writer, state.Scope))));

    // Null and an empty string are no key; any other value is one, by its JSON.
    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        _ => value.GetRawText(),
    };
}
