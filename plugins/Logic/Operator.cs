using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>The operators of <see cref="LogicGate"/>; implemented in <see cref="Operators"/>.</summary>
public enum Operator
{
    [Field("Both are equal. Strings are compared in constant time, numbers by value, lists and objects item by item.")]
    Equals,
    [Field("The opposite of `equals`.")]
    NotEquals,
    [Field("The string contains this string, or the list contains this item.")]
    Contains,
    [Field("The opposite of `contains`.")]
    NotContains,
    [Field("The string starts with this string.")]
    StartsWith,
    [Field("The opposite of `starts_with`.")]
    NotStartsWith,
    [Field("The string ends with this string.")]
    EndsWith,
    [Field("The opposite of `ends_with`.")]
    NotEndsWith,
    [Field("The string contains a match of this .NET regular expression. Use `^` and `$` to match all of it. Stops after 250 ms.")]
    Matches,
    [Field("The opposite of `matches`.")]
    NotMatches,
    [Field("The string has exactly this many UTF-16 characters, or the list this many items.")]
    LengthEquals,
    [Field("The string has more characters than this, or the list more items.")]
    LongerThan,
    [Field("The string has fewer characters than this, or the list fewer items.")]
    ShorterThan,
    [Field("The number is greater.")]
    GreaterThan,
    [Field("The number is greater or equal.")]
    GreaterOrEqual,
    [Field("The number is less.")]
    LessThan,
    [Field("The number is less or equal.")]
    LessOrEqual,
    [Field("The number is in the range [minimum, maximum], inclusive.")]
    Between,
    [Field("The opposite of `between`.")]
    NotBetween,
    [Field("True, or the string `true`.")]
    IsTrue,
    [Field("False, or the string `false`.")]
    IsFalse,
    [Field("The field exists and is not null.")]
    Exists,
    [Field("The field is missing or null.")]
    NotExists,
    [Field("The field is missing, null, a string of white space, an empty list or an empty object.")]
    IsEmpty,
    [Field("The opposite of `is_empty`.")]
    IsNotEmpty,
    [Field("The field is a string.")]
    IsText,
    [Field("The field is a number. A string with digits is a string.")]
    IsNumber,
    [Field("The field is true or false. The strings `true` and `false` are strings.")]
    IsBoolean,
    [Field("The field is a list.")]
    IsList,
    [Field("The field is an object.")]
    IsObject,
    [Field("The field equals one of the items of this list.")]
    In,
    [Field("The opposite of `in`.")]
    NotIn,
    [Field("The list contains at least one item of this list.")]
    ContainsAny,
    [Field("The list contains every item of this list.")]
    ContainsAll,
    [Field("The opposite of `contains_any`.")]
    ContainsNone,
    [Field("The time is earlier. A time is ISO 8601 (UTC without an offset, midnight without a time) or a number of seconds since 1970.")]
    Before,
    [Field("The time is later. Times as in `before`.")]
    After,
    [Field("The time is in the range [from, to], inclusive. Times as in `before`.")]
    DateBetween,
}
