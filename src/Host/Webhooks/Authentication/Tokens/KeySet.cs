using System.Buffers.Text;
using Microsoft.IdentityModel.Tokens;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Tokens;

/// <summary>
/// A set of public keys (RFC 7517) from an address or a file. It is loaded with the first token, after an hour, and when a token has an
/// unknown <c>kid</c>, but at most every ten seconds. If loading fails, the previous set stays valid for a day.
/// </summary>
/// <param name="place">The address or file, for messages.</param>
/// <param name="load">Loads its text.</param>
/// <param name="time">The host's clock.</param>
/// <param name="log">Receives load failures.</param>
internal sealed partial class KeySet(string place, Func<CancellationToken, Task<string>> load, TimeProvider time, ILogger log) : IKeySource
{
    private const int LeastRsaBits = 2048;

    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaxStale = TimeSpan.FromHours(24);
    public static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Refused _unavailable = new(RejectionReason.NotVerifiable, $"The keys at {place} cannot be loaded. The log has the reason.");
    private Snapshot? _keys;
    private Task _loading = Task.CompletedTask;
    private DateTimeOffset _triedAt = DateTimeOffset.MinValue;

    public async ValueTask<FoundKeys> FindAsync(string? kid, string algorithm, CancellationToken cancellationToken)
    {
        var keys = Current();
        if (keys is null || keys.Matching(kid, algorithm).Count == 0)
        {
            await Refresh().WaitAsync(cancellationToken);
            keys = Current();
        }
        else if (keys.LoadedAt + MaxAge <= time.GetUtcNow())
        {
            _ = Refresh();
        }

        return keys is null ? new FoundKeys([], _unavailable) : new FoundKeys(keys.Matching(kid, algorithm));
    }

    private Snapshot? Current() => Volatile.Read(ref _keys) is { } keys && keys.LoadedAt + MaxStale > time.GetUtcNow() ? keys : null;

    private Task Refresh()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_loading.IsCompleted && now >= _triedAt + LeastInterval)
            {
                _triedAt = now;
                _loading = LoadAsync();
            }

            return _loading;
        }
    }

    // Run on another thread, because the caller holds the gate; and to completion, even if nobody waits any more.
    private async Task LoadAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            var text = await load(patience.Token);
            var keys = new JsonWebKeySet(text).Keys.Where(IsForSignatures).ToLookup(IsStrong);
            foreach (var weak in keys[false])
            {
                LogWeak(place, weak.Kid);
            }

            Volatile.Write(ref _keys, new Snapshot([.. keys[true]], time.GetUtcNow()));
        }
        catch (Exception exception)
        {
            LogNotLoaded(place, exception.Message);
        }
    }

    // A shared key must not be used from a public set.
    private static bool IsForSignatures(JsonWebKey key) => key.Kty is JsonWebAlgorithmsKeyTypes.RSA or JsonWebAlgorithmsKeyTypes.EllipticCurve && key.Use is null or "" or "sig";

    // RFC 7518, section 3.3: a key of 2048 bits or larger must be used.
    private static bool IsStrong(JsonWebKey key) =>
        key.Kty != JsonWebAlgorithmsKeyTypes.RSA || (key.N is { } modulus && Base64Url.IsValid(modulus) && BitsOf(Base64Url.DecodeFromChars(modulus)) >= LeastRsaBits);

    private static int BitsOf(ReadOnlySpan<byte> number) =>
        number.TrimStart((byte)0) is [var first, ..] rest ? (rest.Length * 8) - byte.LeadingZeroCount(first) : 0;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The key '{Kid}' at {Place} is ignored: RSA keys need at least 2048 bits (RFC 7518, section 3.3). Ask the issuer for a longer key.")]
    private partial void LogWeak(string place, string? kid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys at {Place} cannot be loaded: {Reason}")]
    private partial void LogNotLoaded(string place, string reason);

    private sealed record Snapshot(IReadOnlyList<JsonWebKey> Keys, DateTimeOffset LoadedAt)
    {
        public IReadOnlyList<SecurityKey> Matching(string? kid, string algorithm)
        {
            var type = algorithm.StartsWith("RS", StringComparison.Ordinal) ? JsonWebAlgorithmsKeyTypes.RSA : JsonWebAlgorithmsKeyTypes.EllipticCurve;
            var curve = algorithm switch { "ES256" => "P-256", "ES384" => "P-384", "ES512" => "P-521", _ => null };
            return [.. Keys.Where(key => key.Kty == type && (curve is null || key.Crv == curve) && (kid is null || key.Kid == kid) && (string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm))];
        }
    }
}
