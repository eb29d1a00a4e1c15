using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>The schemes that workflows can name, in the order that messages list them. Reads the setting <c>auth</c>.</summary>
internal sealed class AuthSchemes(ImmutableArray<IAuthScheme> schemes)
{
    private const string Nobody = "none";

    /// <summary>No scheme, for an engine without webhooks.</summary>
    public static readonly AuthSchemes None = new([]);

    private readonly FrozenDictionary<string, IAuthScheme> _byName = schemes.ToFrozenDictionary(scheme => scheme.Name);
    private readonly ImmutableArray<string> _names = [Nobody, .. schemes.Select(scheme => scheme.Name)];

    public ImmutableArray<IAuthScheme> All { get; } = schemes;

    /// <summary>Where senders put the delivery key: by the two standards first, then by each scheme with its own way.</summary>
    public ImmutableArray<KeySource> DeliveryKeys { get; } =
    [
        .. new[] { KeySource.IdempotencyKey, KeySource.StandardWebhooks }
            .Concat(schemes.Select(scheme => scheme.DeliveryKey).OfType<KeySource>().OrderBy(key => key.Name, StringComparer.Ordinal))
            .Distinct(),
    ];

    /// <summary>Reads how requests authenticate; null if they need not, or if the setting is reported as invalid.</summary>
    public WebhookAuth? Read(Fields trigger, ICollection<Problem> problems)
    {
        if (trigger.Object("auth") is not { } source)
        {
            return null;
        }

        var fields = new Fields(source, trigger.PathOf("auth"), null, problems);
        fields.Require("type", $"one of {string.Join(", ", _names)}");
        if (fields.Text("type") is not { } name)
        {
            return null;
        }

        if (name.Value == Nobody)
        {
            fields.RefuseUnknown(["type"], []);
            return null;
        }

        if (!_byName.TryGetValue(name.Value, out var scheme))
        {
            var message = $"There is no authentication '{name.Value}'.{DidYouMean.Hint(name.Value, _names)} Types: {string.Join(", ", _names)}.";
            fields.Note("unknown-auth", message, "type", name.At);
            return null;
        }

        fields.RefuseUnknown(["type", .. scheme.Known], []);
        return scheme.Read(fields);
    }
}
