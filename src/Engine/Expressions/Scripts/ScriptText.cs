namespace Sluice.Engine.Expressions.Scripts;

/// <summary>
/// The names by which a generated script calls its host (<see cref="ScriptRun"/>). An author's names reach the script only as parameters,
/// which may not begin with <c>$</c>.
/// </summary>
internal static class ScriptText
{
    /// <summary><c>$read(index)</c>: the value of a reference.</summary>
    public const string Read = "$read";

    /// <summary><c>$get(value, key)</c>: a member, an item, or null.</summary>
    public const string Get = "$get";

    /// <summary><c>$method(offset, name, optional, receiver, arguments…)</c>.</summary>
    public const string Method = "$method";

    /// <summary><c>$function(offset, name, arguments…)</c>.</summary>
    public const string Function = "$function";

    /// <summary><c>$add(offset, a, b)</c>: the operator <c>+</c> with a limit on the resulting string.</summary>
    public const string Add = "$add";

    /// <summary><c>$operand(offset, value)</c>: the value, if the surrounding operator can calculate with it.</summary>
    public const string Operand = "$operand";

    /// <summary><c>$typeof(value)</c>: the operator <c>typeof</c>, for which a large integer is also a number.</summary>
    public const string TypeOf = "$typeof";

    /// <summary><c>$text(parts…)</c>: a template literal.</summary>
    public const string Text = "$text";

    /// <summary><c>$items(offset, value)</c>: the items that <c>...value</c> adds to a list.</summary>
    public const string Items = "$items";

    /// <summary><c>$members(offset, value)</c>: the members that <c>...value</c> adds to an object.</summary>
    public const string Members = "$members";
}
