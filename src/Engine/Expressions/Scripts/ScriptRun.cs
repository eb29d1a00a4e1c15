using System.Runtime.InteropServices;
using System.Text.Json;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;
using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Expressions.Scalars;
using JintEngine = Jint.Engine;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>One evaluation of a script, and the host of its <c>$…</c> calls.</summary>
internal sealed class ScriptRun(ScriptExpression expression, JintEngine engine, IScope scope)
{
    private readonly JsValue?[] _read = new JsValue?[expression.Reads.Length];

    public JintEngine Engine { get; } = engine;

    public WorkBudget Budget { get; } = new();

    /// <summary>Registers the host functions with the engine.</summary>
    public void Begin()
    {
        Host(ScriptText.Read, Read);
        Host(ScriptText.Get, (_, arguments) => Get(arguments[0], arguments[1]));
        Host(ScriptText.Method, CallMethod);
        Host(ScriptText.Function, CallFunction);
        Host(ScriptText.Add, (_, arguments) => Add(arguments[0], arguments[1], arguments[2]));
        Host(ScriptText.Operand, (_, arguments) => arguments[1] is JsBigInt ? throw At(arguments[0], LargeInteger.CannotCalculate) : arguments[1]);
        Host(ScriptText.TypeOf, (_, arguments) => TypeOf(arguments[0]));
        Host(ScriptText.Text, Text);
        Host(ScriptText.Items, Items);
        Host(ScriptText.Members, Members);

        // Every implicit conversion of a list to a string in JavaScript calls this; see docs/reference/expressions.md, "Limits".
        Engine.Intrinsics.Array.PrototypeObject.FastSetProperty(
            "toString",
            new PropertyDescriptor(new ClrFunction(Engine, "toString", (list, _) => JsString.Create(ListMethods.Join(this, list, ","))), PropertyFlag.None));
    }

    /// <summary>
    /// Returns a member of an object, an item of a list or a character of a string; null if there is none. Never returns inherited members.
    /// </summary>
    public static JsValue Get(JsValue value, JsValue key)
    {
        var found = value switch
        {
            JsString text => CharacterOf(text, key),
            JsArray list when key is JsNumber => ItemOf(list, key.AsNumber()),
            ObjectInstance members and not Jint.Native.Function.Function => members.GetOwnProperty(TypeConverter.ToPropertyKey(key)) is { } property && property.IsDataDescriptor() ? property.Value : JsValue.Null,
            _ => JsValue.Null,
        };
        return OrNull(found);
    }

    /// <summary>Converts a value to a string as JavaScript does, and charges for it.</summary>
    public string ToText(JsValue value)
    {
        var text = value is JsString known ? known.ToString() : TypeConverter.ToString(value);
        Budget.Charge(text.Length);
        return text;
    }

    /// <summary>Parses JSON with the engine's own parser.</summary>
    public JsValue Parse(ReadOnlySpan<byte> json)
    {
        Budget.Charge(json.Length);
        return LargeInteger.Restore(new JsonParser(Engine, ExpressionLimits.ValueDepth + 8).Parse(json), json);
    }

    /// <summary>Calls a built-in method of JavaScript on a value that has been checked.</summary>
    public JsValue CallInherited(JsValue receiver, string name, params JsValue[] arguments) =>
        OrNull(Engine.GetValue(receiver, JsString.Create(name)).Call(receiver, arguments));

    /// <summary>Calls a global function of JavaScript, such as <c>Number</c> or <c>Math.max</c>.</summary>
    public JsValue CallBuiltIn(string name, JsValue[] arguments)
    {
        foreach (var argument in arguments)
        {
            Budget.Charge(argument is JsString text ? text.Length : 1);
        }

        if (Array.Exists(arguments, argument => argument is JsBigInt) && OfLarge(name) is { } answer)
        {
            return answer;
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0
            ? OrNull(Engine.GetValue(name).Call(JsValue.Undefined, arguments))
            : CallInherited(Engine.GetValue(name[..dot]), name[(dot + 1)..], arguments);
    }

    // The results of JavaScript's functions for a large integer, which is a normal number here; null if they accept it unchanged.
    private static JsBoolean? OfLarge(string name) => name switch
    {
        "Number.isInteger" or "Number.isFinite" => JsBoolean.True,
        "Number.isNaN" or "isNaN" => JsBoolean.False,
        _ when name.StartsWith("Math.", StringComparison.Ordinal) => throw new FunctionException($"{name}: {LargeInteger.CannotCalculate}"),
        _ => null,
    };

    /// <summary>Calls an arrow function of the script.</summary>
    public JsValue CallBack(JsValue function, params JsValue[] arguments)
    {
        Budget.Charge(1);
        return Engine.Call(function, arguments);
    }

    private static JsValue OrNull(JsValue value) => value.IsUndefined() ? JsValue.Null : value;

    private void Host(string name, Func<JsValue, JsValue[], JsValue> function) => Engine.SetValue(name, (JsValue)new ClrFunction(Engine, name, function));

    private JsValue Read(JsValue self, JsValue[] arguments)
    {
        Budget.Charge(1);
        var index = (int)TypeConverter.ToNumber(arguments[0]);
        return _read[index] ??= expression.Reads[index] switch
        {
            PlainReference reference => Import(reference, reference.Read(scope)),
            SecretReference secret => JsString.Create(secret.Read(scope)),
            var other => throw new InvalidOperationException($"{other.GetType().Name} can't be read by a script."),
        };
    }

    private JsValue Import(PlainReference reference, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => JsValue.Null,
        JsonValueKind.Object or JsonValueKind.Array => Parse(JsonMarshal.GetRawUtf8Value(value)),
        _ => reference.ScalarOf(value).ToJsValue(),
    };

    private static JsValue CharacterOf(JsString text, JsValue key)
    {
        if (key is JsString name)
        {
            return name.ToString() == "length" ? JsNumber.Create(text.Length) : int.TryParse(name.ToString(), out var spelled) && spelled.ToString(System.Globalization.CultureInfo.InvariantCulture) == name.ToString() ? At(spelled) : JsValue.Null;
        }

        return key is JsNumber number ? At(number.AsNumber()) : JsValue.Null;

        JsValue At(double index) => index >= 0 && index < text.Length && index == Math.Truncate(index) ? JsString.Create(text[(int)index].ToString()) : JsValue.Null;
    }

    private static JsValue ItemOf(JsArray list, double index) =>
        index >= 0 && index < list.Length && index == Math.Truncate(index) ? list[(uint)index] : JsValue.Null;

    private static JsString TypeOf(JsValue value) => JsString.Create(value switch
    {
        JsString => "string",
        JsNumber or JsBigInt => "number",
        JsBoolean => "boolean",
        JsUndefined => "undefined",
        Jint.Native.Function.Function => "function",
        _ => "object",
    });

    private JsValue Add(JsValue offset, JsValue a, JsValue b)
    {
        if (a is JsNumber && b is JsNumber)
        {
            return JsNumber.Create(a.AsNumber() + b.AsNumber());
        }

        a = TypeConverter.ToPrimitive(a, Types.Empty);
        b = TypeConverter.ToPrimitive(b, Types.Empty);
        if (a is not JsString && b is not JsString)
        {
            if (a is JsBigInt || b is JsBigInt)
            {
                throw At(offset, LargeInteger.CannotCalculate);
            }

            return JsNumber.Create(TypeConverter.ToNumber(a) + TypeConverter.ToNumber(b));
        }

        var (left, right) = (TypeConverter.ToString(a), TypeConverter.ToString(b));
        Budget.ChargeText((long)left.Length + right.Length);
        return JsString.Create(left + right);
    }

    private JsString Text(JsValue self, JsValue[] arguments)
    {
        var parts = new string[arguments.Length];
        long length = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = ToText(arguments[i]);
            Budget.ChargeText(length += parts[i].Length);
        }

        return JsString.Create(string.Concat(parts));
    }

    private JsValue Items(JsValue self, JsValue[] arguments) => arguments[1] switch
    {
        JsArray list => Charged(list),
        JsNull or JsUndefined => new JsArray(Engine, 0, 0),
        _ => throw At(arguments[0], "Only a list can be spread into a list or into arguments."),
    };

    private JsArray Charged(JsArray list)
    {
        Budget.ChargeList(list.Length);
        return list;
    }

    private JsValue Members(JsValue self, JsValue[] arguments)
    {
        if (arguments[1] is ObjectInstance value and not JsArray and not Jint.Native.Function.Function)
        {
            Budget.ChargeList(value.GetOwnPropertyKeys(Types.String).Count);
            return value;
        }

        return arguments[1].IsNull() || arguments[1].IsUndefined()
            ? JsValue.Null
            : throw At(arguments[0], "Only an object can be spread into an object.");
    }

    private JsValue CallFunction(JsValue self, JsValue[] arguments)
    {
        var function = ExpressionFunctions.Find(arguments[1].ToString())!;
        return AtPlace(arguments[0], function.Name, () =>
        {
            var values = arguments[2..];
            if (function.Script is { } script)
            {
                return script(this, values);
            }

            var scalars = Array.ConvertAll(values, Scalar.Of);
            foreach (var scalar in scalars)
            {
                Budget.Charge(scalar.Kind == ScalarKind.Text ? scalar.ToText().Length : 1);
            }

            return function.Scalar!(new CallArguments(function.Name, scalars, scope)).ToJsValue();
        });
    }

    private JsValue CallMethod(JsValue self, JsValue[] arguments)
    {
        var name = arguments[1].ToString();
        var receiver = arguments[3];
        if (receiver.IsNull() || receiver.IsUndefined())
        {
            return TypeConverter.ToBoolean(arguments[2])
                ? JsValue.Null
                : throw At(arguments[0], $".{name}(…) is called on null. Write ?.{name}(…) to get null, or give a value with (… ?? '').{name}(…).");
        }

        return AtPlace(arguments[0], name, () => OrNull(Methods.Call(this, receiver, name, arguments[4..])));
    }

    /// <summary>Adds the location of a call to each of its failures.</summary>
    private JsValue AtPlace(JsValue offset, string name, Func<JsValue> call)
    {
        try
        {
            return call();
        }
        catch (FunctionException exception)
        {
            throw At(offset, exception.Message, exception);
        }
        catch (JavaScriptException exception)
        {
            throw At(offset, $"{name}: {exception.Message}", exception);
        }
    }

    private ExpressionException At(JsValue offset, string message, Exception? cause = null) =>
        expression.Source.Failure((int)TypeConverter.ToNumber(offset), message, cause);
}
