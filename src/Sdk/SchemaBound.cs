using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>A minimum or a maximum of a schema: of a number, of the length of a string, of the size of a list or an object, or of a duration.</summary>
internal abstract class SchemaBound
{
    /// <summary>The keyword for the minimum of a duration, as a workflow writes it. JSON Schema has none.</summary>
    public const string ShortestDuration = "x-minimum";

    /// <summary>The keyword for the maximum of a duration.</summary>
    public const string LongestDuration = "x-maximum";

    private static readonly (string Keyword, Func<JsonElement, JsonElement, SchemaBound?> Read)[] Keywords =
    [
        ("minimum", (schema, bound) => NumberBound.Of(schema, bound, isLeast: true)),
        ("maximum", (schema, bound) => NumberBound.Of(schema, bound, isLeast: false)),
        ("minLength", (_, bound) => SizeBound.Of(Sized.String, bound, isLeast: true)),
        ("maxLength", (_, bound) => SizeBound.Of(Sized.String, bound, isLeast: false)),
        ("minItems", (_, bound) => SizeBound.Of(Sized.List, bound, isLeast: true)),
        ("maxItems", (_, bound) => SizeBound.Of(Sized.List, bound, isLeast: false)),
        ("minProperties", (_, bound) => SizeBound.Of(Sized.Object, bound, isLeast: true)),
        ("maxProperties", (_, bound) => SizeBound.Of(Sized.Object, bound, isLeast: false)),
        (ShortestDuration, (_, bound) => DurationBound.Of(bound, isLeast: true)),
        (LongestDuration, (_, bound) => DurationBound.Of(bound, isLeast: false)),
    ];

    /// <summary>What has a size.</summary>
    private enum Sized
    {
        String,
        List,
        Object,
    }

    /// <summary>The message for a value that the bound does not allow, to follow the path of the value.</summary>
    public abstract string Problem { get; }

    /// <summary>Whether the number of items or members is bounded.</summary>
    public virtual bool BoundsCount => false;

    /// <summary>The bounds of a schema; empty if it has none.</summary>
    public static IEnumerable<SchemaBound> Of(JsonElement schema)
    {
        foreach (var (keyword, read) in Keywords)
        {
            if (schema.TryGetProperty(keyword, out var bound) && read(schema, bound) is { } found)
            {
                yield return found;
            }
        }
    }

    /// <summary>Returns whether the bound allows a value. Values of other types are allowed.</summary>
    public bool Allows(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => AllowsNumber(value),
        JsonValueKind.String => AllowsText(value.GetString()!),
        JsonValueKind.Array => AllowsItems(value.GetArrayLength()),
        JsonValueKind.Object => AllowsMembers(value.GetPropertyCount()),
        _ => true,
    };

    /// <summary>Returns whether the bound allows the current value of a reader, which is not a list or an object.</summary>
    public abstract bool Allows(ref Utf8JsonReader reader);

    /// <summary>Returns whether the bound allows a string.</summary>
    public virtual bool AllowsText(string text) => true;

    /// <summary>Returns whether the bound allows a list with this number of items.</summary>
    public virtual bool AllowsItems(int count) => true;

    /// <summary>Returns whether the bound allows an object with this number of members.</summary>
    public virtual bool AllowsMembers(int count) => true;

    protected virtual bool AllowsNumber(JsonElement value) => true;

    private sealed class NumberBound : SchemaBound
    {
        private readonly bool _isLeast;
        private readonly bool _readsText;
        private readonly double _value;

        // Exact where a double is not: integers above 2^53.
        private readonly decimal? _exact;
        private readonly string _text;

        private NumberBound(JsonElement bound, bool isLeast, bool readsText)
        {
            (_isLeast, _readsText, _value, _text) = (isLeast, readsText, bound.GetDouble(), bound.GetRawText());
            _exact = bound.TryGetDecimal(out var exact) ? exact : null;
        }

        public override string Problem => _isLeast ? $"must be at least {_text}." : $"must be at most {_text}.";

        public static NumberBound? Of(JsonElement schema, JsonElement bound, bool isLeast) =>
            bound.ValueKind is JsonValueKind.Number ? new NumberBound(bound, isLeast, SchemaCheck.ReadsTextAsNumber(schema)) : null;

        public override bool Allows(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetInt64(out var whole) ? Allows(whole) : Allows(reader.GetDouble()),
            JsonTokenType.String when _readsText => AllowsText(reader.GetString()!),
            _ => true,
        };

        public override bool AllowsText(string text) =>
            !_readsText || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || Allows(number);

        protected override bool AllowsNumber(JsonElement value) => value.TryGetInt64(out var whole) ? Allows(whole) : Allows(value.GetDouble());

        private bool Allows(long number) => _exact is { } exact ? (_isLeast ? number >= exact : number <= exact) : Allows((double)number);

        private bool Allows(double number) => _isLeast ? number >= _value : number <= _value;
    }

    private sealed class SizeBound(Sized sized, double bound, bool isLeast) : SchemaBound
    {
        public override string Problem
        {
            get
            {
                var unit = sized switch { Sized.String => "character", Sized.List => "item", _ => "member" };
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"must have at {(isLeast ? "least" : "most")} {bound} {unit}{(bound == 1 ? "" : "s")}.");
            }
        }

        public override bool BoundsCount => sized is not Sized.String;

        public static SizeBound? Of(Sized sized, JsonElement bound, bool isLeast) =>
            bound.ValueKind is JsonValueKind.Number ? new SizeBound(sized, bound.GetDouble(), isLeast) : null;

        public override bool Allows(ref Utf8JsonReader reader) =>
            sized is not Sized.String || reader.TokenType is not JsonTokenType.String || AllowsSize(LengthOf(ref reader));

        public override bool AllowsText(string text) => sized is not Sized.String || AllowsSize(text.EnumerateRunes().Count());

        public override bool AllowsItems(int count) => sized is not Sized.List || AllowsSize(count);

        public override bool AllowsMembers(int count) => sized is not Sized.Object || AllowsSize(count);

        private bool AllowsSize(int size) => isLeast ? size >= bound : size <= bound;

        // In characters of Unicode, as JSON Schema counts (2020-12 validation, section 6.3).
        private static int LengthOf(ref Utf8JsonReader reader)
        {
            if (!reader.ValueIsEscaped)
            {
                return CharactersOf(reader.ValueSpan);
            }

            var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            try
            {
                return CharactersOf(buffer.AsSpan(0, reader.CopyString(buffer)));
            }
            finally
            {
                // It may contain a secret.
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            }
        }

        private static int CharactersOf(ReadOnlySpan<byte> utf8)
        {
            var count = 0;
            foreach (var one in utf8)
            {
                // All bytes of a character but its first begin with the bits 10.
                count += (one & 0xC0) == 0x80 ? 0 : 1;
            }

            return count;
        }
    }

    private sealed class DurationBound(string text, TimeSpan bound, bool isLeast) : SchemaBound
    {
        public override string Problem => isLeast ? $"must be at least {text}." : $"must be at most {text}.";

        public static DurationBound? Of(JsonElement bound, bool isLeast) =>
            bound.ValueKind is JsonValueKind.String && DurationConverter.TryRead(bound.GetString()!, out var duration)
                ? new DurationBound(bound.GetString()!, duration, isLeast)
                : null;

        public override bool Allows(ref Utf8JsonReader reader) =>
            reader.TokenType is not JsonTokenType.String || !DurationConverter.TryRead(ref reader, out var duration) || Allows(duration);

        public override bool AllowsText(string text) => !DurationConverter.TryRead(text, out var duration) || Allows(duration);

        private bool Allows(TimeSpan duration) => isLeast ? duration >= bound : duration <= bound;
    }
}
