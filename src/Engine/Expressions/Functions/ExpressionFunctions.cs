using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>Every function that expressions may call, in the order of the documentation.</summary>
internal static class ExpressionFunctions
{
    /// <summary>Sluice's own.</summary>
    public static readonly ImmutableArray<ExpressionFunction> Helpers =
    [
        new("hmac", "(algorithm, key, text, encoding?, key_encoding?)", "The HMAC (RFC 2104) of the text's UTF-8. Algorithms: sha1, sha256, sha384, sha512. Encodings: hex (default), base64, base64url. The key is text, or with key_encoding base64 or hex the bytes it spells.") { Scalar = Digests.Hmac },
        new("hash", "(algorithm, text, encoding?)", "The hash of the text's UTF-8; algorithms and encodings as in hmac, and md5.") { Scalar = Digests.Hash },
        new("secure_equals", "(a, b)", "Whether two texts are the same, compared in constant time. Null is equal to nothing, null included.") { Scalar = Digests.SecureEquals },
        new("base64", "(text, encoding?)", "The text's UTF-8 as base64, or with encoding base64url as that, without padding.") { Scalar = Base64Text.Encode },
        new("base64_decode", "(text)", "The text that base64 or base64url, padded or not, spells in UTF-8.") { Scalar = Base64Text.Decode },
        new("json", "(text)", "The value that a JSON text holds. Null gives null.") { Script = StructureFunctions.Json },
        new("to_json", "(value)", "The JSON text of a value.") { Script = StructureFunctions.ToJson },
        new("now", "()", "This moment in ISO 8601, in UTC: 2026-03-01T12:00:00.000Z.") { Scalar = Dates.Now, IsPure = false },
        new("uuid", "()", "A new random UUID (RFC 9562, version 4).") { Scalar = static _ => Scalar.Of(Guid.NewGuid().ToString()), IsPure = false },
        new("date_add", "(date, amount, unit)", "The date that lies an amount of milliseconds, seconds, minutes, hours, days, weeks, months or years later; earlier for a negative amount.") { Scalar = Dates.Add },
        new("date_diff", "(from, to, unit)", "How many milliseconds, seconds, minutes, hours, days or weeks lie between two dates, with fractions; negative where the second is earlier.") { Scalar = Dates.Difference },
        new("date_format", "(date, format)", "The date as text, in UTC, by a .NET format: yyyy-MM-dd HH:mm:ss.") { Scalar = Dates.Format },
        new("date_parse", "(text, format)", "The ISO 8601 date that a text holds by a .NET format: dd.MM.yyyy.") { Scalar = Dates.Parse },
        new("date_unix", "(date)", "The whole seconds between 1970 and the date.") { Scalar = Dates.Unix },
    ];

    /// <summary>JavaScript's.</summary>
    public static readonly ImmutableArray<ExpressionFunction> BuiltIns =
    [
        Js("String", "(value)", "Its text."),
        Js("Number", "(value)", "Its number."),
        Js("Boolean", "(value)", "Whether it is true in the sense of JavaScript."),
        Js("parseInt", "(text, radix?)", "The whole number that a text begins with."),
        Js("parseFloat", "(text)", "The number that a text begins with."),
        Js("isNaN", "(value)", "Whether it is no number."),
        Js("encodeURIComponent", "(text)", "The text, safe as a part of a URL."),
        Js("decodeURIComponent", "(text)", "The text that a part of a URL stands for."),
        Js("Number.isInteger", "(value)", "Whether it is a whole number."),
        Js("Number.isFinite", "(value)", "Whether it is a finite number."),
        Js("Number.isNaN", "(value)", "Whether it is the number that is none."),
        Js("Math.abs", "(number)", "Its distance from zero."),
        Js("Math.ceil", "(number)", "The next whole number upwards."),
        Js("Math.floor", "(number)", "The next whole number downwards."),
        Js("Math.round", "(number)", "The nearest whole number."),
        Js("Math.trunc", "(number)", "The number without its fraction."),
        Js("Math.sign", "(number)", "-1, 0 or 1."),
        Js("Math.sqrt", "(number)", "The square root."),
        Js("Math.pow", "(number, exponent)", "The power."),
        Js("Math.min", "(number…)", "The least."),
        Js("Math.max", "(number…)", "The greatest."),
        Js("Array.isArray", "(value)", "Whether it is a list."),
        new("Object.keys", "(object)", "The names of its members, as a list.") { Script = StructureFunctions.Keys },
        new("Object.values", "(object)", "The values of its members, as a list.") { Script = StructureFunctions.Values },
        new("Object.entries", "(object)", "Its members as a list of [name, value].") { Script = StructureFunctions.Entries },
        new("Object.fromEntries", "(list)", "The object of a list of [name, value].") { Script = StructureFunctions.FromEntries },
    ];

    public static readonly ImmutableArray<ExpressionFunction> All = [.. Helpers, .. BuiltIns];

    private static readonly FrozenDictionary<string, ExpressionFunction> ByName = All.ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>The names before the dot of <c>Math.max</c> and the like.</summary>
    public static readonly FrozenSet<string> Namespaces =
        All.Where(function => function.Name.Contains('.', StringComparison.Ordinal)).Select(function => function.Name.Split('.')[0]).ToFrozenSet(StringComparer.Ordinal);

    public static ExpressionFunction? Find(string name) => ByName.GetValueOrDefault(name);

    private static ExpressionFunction Js(string name, string signature, string description) =>
        new(name, signature, description) { Script = (run, arguments) => run.CallBuiltIn(name, arguments) };
}
