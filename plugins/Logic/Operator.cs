using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>The operators of <see cref="LogicGate"/>; what each does stands in <see cref="Operators"/>.</summary>
public enum Operator
{
    [Field("The two are the same: texts letter by letter (compared in constant time), numbers by value, lists and objects item by item.")]
    Equals,
    [Field("The opposite of `equals`.")]
    NotEquals,
    [Field("The text holds this text; or the list holds this item.")]
    Contains,
    [Field("The opposite of `contains`.")]
    NotContains,
    [Field("The text begins with this text.")]
    StartsWith,
    [Field("The opposite of `starts_with`.")]
    NotStartsWith,
    [Field("The text ends with this text.")]
    EndsWith,
    [Field("The opposite of `ends_with`.")]
    NotEndsWith,
    [Field("The text matches this regular expression (.NET syntax) somewhere; write `^` and `$` for the whole. Stops after 250 ms.")]
    Matches,
    [Field("The opposite of `matches`.")]
    NotMatches,
    [Field("The text has exactly this many UTF-16 characters, or the list this many items.")]
    LengthEquals,
    [Field("The text has more characters than this, or the list more items.")]
    LongerThan,
    [Field("The text has fewer characters than this, or the list fewer items.")]
    ShorterThan,
    [Field("The number is greater.")]
    GreaterThan,
    [Field("The number is greater or the same.")]
    GreaterOrEqual,
    [Field("The number is less.")]
    LessThan,
    [Field("The number is less or the same.")]
    LessOrEqual,
    [Field("The number lies between the two of the list [least, greatest], both included.")]
    Between,
    [Field("The opposite of `between`.")]
    NotBetween,
    [Field("True, or the text `true`.")]
    IsTrue,
    [Field("False, or the text `false`.")]
    IsFalse,
    [Field("There is a value: not missing, not null.")]
    Exists,
    [Field("Missing, or null.")]
    NotExists,
    [Field("Missing, null, a text of nothing but white space, a list without items or an object without members.")]
    IsEmpty,
    [Field("The opposite of `is_empty`.")]
    IsNotEmpty,
    [Field("A text.")]
    IsText,
    [Field("A number; a text that reads as a number is a text.")]
    IsNumber,
    [Field("True or false; the texts `true` and `false` are texts.")]
    IsBoolean,
    [Field("A list.")]
    IsList,
    [Field("An object.")]
    IsObject,
    [Field("One of the items of this list, as `equals` compares.")]
    In,
    [Field("The opposite of `in`.")]
    NotIn,
    [Field("The list holds at least one item of this list.")]
    ContainsAny,
    [Field("The list holds every item of this list.")]
    ContainsAll,
    [Field("The opposite of `contains_any`.")]
    ContainsNone,
    [Field("The point in time is earlier: ISO 8601 text (a date alone is its midnight, UTC where no offset is given) or seconds since 1970 as a number.")]
    Before,
    [Field("The point in time is later; times are read as by `before`.")]
    After,
    [Field("The point in time lies between the two of the list [from, to], both included; times are read as by `before`.")]
    DateBetween,
}
