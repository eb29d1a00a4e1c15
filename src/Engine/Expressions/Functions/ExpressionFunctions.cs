using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>All functions that expressions can call, in the order of the documentation.</summary>
internal static class ExpressionFunctions
{
    /// <summary>The functions of Sluice.</summary>
    public static readonly ImmutableArray<ExpressionFunction> Helpers =
    [
        new("hmac", "(algorithm, key, text, encoding?, key_encoding?)", "The HMAC (RFC 2104) of a string. Algorithms: sha1, sha256, sha384, sha512. Encodings: hex (default), base64, base64url.") { Scalar = Digests.Hmac },
        new("hash", "(algorithm, text, encoding?)", "The hash of a string. Algorithms and encodings as in hmac, and md5.") { Scalar = Digests.Hash },
        new("secure_equals", "(a, b)", "Whether two strings are equal, compared in constant time. Null is not equal to anything, not even null.") { Scalar = Digests.SecureEquals },
        new("base64", "(text, encoding?)", "A string in base64, or with encoding base64url in base64url without padding.") { Scalar = Base64Text.Encode },
        new("base64_decode", "(text)", "The string that base64 or base64url encodes, with or without padding.") { Scalar = Base64Text.Decode },
        new("json", "(text)", "The value of a JSON string. Null returns null.") { Script = StructureFunctions.Json },
        new("to_json", "(value)", "A value as a JSON string.") { Script = StructureFunctions.ToJson },
        new("now", "()", "When the step first started, in ISO 8601 and UTC: 2026-03-01T12:00:00.000Z. The same for every attempt of the step. In a trigger, the current time.") { Scalar = Dates.Now },
        new("uuid", "()", "A UUID (RFC 9562, version 8) that nobody can guess. The same for every attempt of the step; another with each call.") { Scalar = static call => Scalar.Of(call.Scope.NextUuid().ToString()) },
        new("date_add", "(date, amount, unit)", "A date plus an amount of milliseconds, seconds, minutes, hours, days, weeks, months or years. The amount can be negative.") { Scalar = Dates.Add },
        new("date_diff", "(from, to, unit)", "The milliseconds, seconds, minutes, hours, days or weeks between two dates, with fractions; negative if the second is earlier.") { Scalar = Dates.Difference },
        new("date_format", "(date, format)", "A date as a string, in UTC, with a .NET format: yyyy-MM-dd HH:mm:ss.") { Scalar = Dates.Format },
        new("date_parse", "(text, format)", "The ISO 8601 date of a string with a .NET format: dd.MM.yyyy.") { Scalar = Dates.Parse },
        new("date_unix", "(date)", "The whole seconds since 1970.") { Scalar = Dates.Unix },
    ];

    /// <summary>The built-in functions of JavaScript.</summary>
    public static readonly ImmutableArray<ExpressionFunction> BuiltIns =
    [
        Js("String", "(value)", "The value as a string."),
        Js("Number", "(value)", "The value as a number."),
        Js("Boolean", "(value)", "Whether the value is truthy in JavaScript."),
        Js("parseInt", "(text, radix?)", "The integer at the start of a string."),
        Js("parseFloat", "(text)", "The number at the start of a string."),
        Js("isNaN", "(value)", "Whether the value is not a number."),
        Js("encodeURIComponent", "(text)", "A string, encoded as a part of a URL."),
        Js("decodeURIComponent", "(text)", "The string that a part of a URL encodes."),
        Js("Number.isInteger", "(value)", "Whether the value is an integer."),
        Js("Number.isFinite", "(value)", "Whether the value is a finite number."),
        Js("Number.isNaN", "(value)", "Whether the value is NaN."),
        Js("Math.abs", "(number)", "The absolute value."),
        Js("Math.ceil", "(number)", "The number rounded up."),
        Js("Math.floor", "(number)", "The number rounded down."),
        Js("Math.round", "(number)", "The nearest integer."),
        Js("Math.trunc", "(number)", "The number without its fraction."),
        Js("Math.sign", "(number)", "-1, 0 or 1."),
        Js("Math.sqrt", "(number)", "The square root."),
        Js("Math.pow", "(number, exponent)", "The power."),
        Js("Math.min", "(number…)", "The smallest number."),
        Js("Math.max", "(number…)", "The largest number."),
        Js("Array.isArray", "(value)", "Whether the value is a list."),
        new("Object.keys", "(object)", "The names of the members, as a list.") { Script = StructureFunctions.Keys },
        new("Object.values", "(object)", "The values of the members, as a list.") { Script = StructureFunctions.Values },
        new("Object.entries", "(object)", "The members, as a list of [name, value].") { Script = StructureFunctions.Entries },
        new("Object.fromEntries", "(list)", "An object from a list of [name, value].") { Script = StructureFunctions.FromEntries },
    ];

    public static readonly ImmutableArray<ExpressionFunction> All = [.. Helpers, .. BuiltIns];

    private static readonly FrozenDictionary<string, ExpressionFunction> ByName = All.ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>The names before the dot of <c>Math.max</c> and similar functions.</summary>
    public static readonly FrozenSet<string> Namespaces =
        All.Where(function => function.Name.Contains('.', StringComparison.Ordinal)).Select(function => function.Name.Split('.')[0]).ToFrozenSet(StringComparer.Ordinal);

    public static ExpressionFunction? Find(string name) => ByName.GetValueOrDefault(name);

    private static ExpressionFunction Js(string name, string signature, string description) =>
        new(name, signature, description) { Script = (run, arguments) => run.CallBuiltIn(name, arguments) };
}
