using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Jint.Native;
using Jint.Native.Object;
using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Expressions.Scalars;
using Sluice.Engine.Json;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>
/// Writes a script's value as JSON. Jint's own serializer does not limit its output, and a value that contains itself twice, twenty levels
/// deep, is a few bytes in memory and gigabytes as JSON. So this walks the value itself and counts.
/// </summary>
internal static class JsonOutput
{
    public static ArrayBufferWriter<byte> ToUtf8(JsValue value, WorkBudget budget)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, JsonText.Options);
        Write(writer, value, budget);
        writer.Flush();
        return buffer;
    }

    public static void Write(Utf8JsonWriter writer, JsValue value, WorkBudget budget)
    {
        var end = writer.BytesCommitted + writer.BytesPending + ExpressionLimits.OutputBytes;
        Write(writer, value, budget, end);
        Limit(writer, end);
    }

    private static void Limit(Utf8JsonWriter writer, long end)
    {
        if (writer.BytesCommitted + writer.BytesPending > end)
        {
            throw new FunctionException($"The expression gives more than {ExpressionLimits.OutputBytes:N0} bytes of JSON.") { IsLimit = true };
        }
    }

    private static void Write(Utf8JsonWriter writer, JsValue value, WorkBudget budget, long end)
    {
        Limit(writer, end);
        budget.Charge(WorkBudget.Item);
        switch (value)
        {
            case JsString text:
                writer.WriteStringValue(text.ToString());
                break;
            case JsNumber number:
                Scalar.WriteNumber(writer, (double)number.ToObject());
                break;
            case JsBigInt large:
                writer.WriteRawValue(large.ToString(), skipInputValidation: true);
                break;
            case JsBoolean boolean:
                writer.WriteBooleanValue((bool)boolean.ToObject());
                break;
            case JsArray list:
                WriteList(writer, list, budget, end);
                break;
            case ObjectInstance members and not Jint.Native.Function.Function:
                WriteObject(writer, members, budget, end);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static void WriteList(Utf8JsonWriter writer, JsArray list, WorkBudget budget, long end)
    {
        budget.Enter();
        writer.WriteStartArray();
        for (uint i = 0; i < list.Length; i++)
        {
            Write(writer, list[i], budget, end);
        }

        writer.WriteEndArray();
        budget.Leave();
    }

    private static void WriteObject(Utf8JsonWriter writer, ObjectInstance members, WorkBudget budget, long end)
    {
        budget.Enter();
        writer.WriteStartObject();
        foreach (var (name, property) in members.GetOwnProperties())
        {
            if (name is JsString && property.Enumerable)
            {
                writer.WritePropertyName(name.ToString());
                Write(writer, property.Value, budget, end);
            }
        }

        writer.WriteEndObject();
        budget.Leave();
    }
}
