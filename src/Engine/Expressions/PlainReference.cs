using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions;

/// <summary>A path into the values of a run, read without the script engine and written unchanged, including digits and escapes.</summary>
internal sealed class PlainReference(ReferencePath path, int offset, ExpressionSource source) : Expression, IScalarSource
{
    /// <summary>Reads the value; undefined if the path does not exist.</summary>
    public JsonElement Read(IScope scope)
    {
        try
        {
            return path.Read(scope);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw NoUnicode(exception);
        }
    }

    public override void WriteTo(Utf8JsonWriter writer, IScope scope)
    {
        var value = Read(scope);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
        }
    }

    public override void WriteText(Utf8JsonWriter writer, IScope scope)
    {
        var value = Read(scope);
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            case JsonValueKind.String:
                WriteString(writer, value);
                break;
            case JsonValueKind.Number:
                WellFormedText.Write(writer, Scalar.NumberText(value));
                break;
            default:
                WriteStructure(writer, value);
                break;
        }
    }

    public override bool IsTrue(IScope scope)
    {
        var value = Read(scope);
        return value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.Object or JsonValueKind.Array => true,
            JsonValueKind.String => JsonMarshal.GetRawUtf8Value(value).Length > 2,
            JsonValueKind.Number => value.GetDouble() != 0,
            _ => false,
        };
    }

    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        value = ScalarOf(Read(scope));
        return value.Kind != ScalarKind.Structure;
    }

    /// <summary>Returns the scalar of a value that was read here.</summary>
    /// <exception cref="ExpressionException">It is a string that is not valid Unicode, or an integer with too many digits.</exception>
    public Scalar ScalarOf(JsonElement value)
    {
        try
        {
            return Scalar.Of(value);
        }
        catch (FunctionException exception)
        {
            throw source.Failure(offset, exception.Message, exception);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw NoUnicode(exception);
        }
    }

    private ExpressionException NoUnicode(InvalidOperationException cause) =>
        source.Failure(offset, "The text holds half of a surrogate pair (\\ud800 to \\udfff), which is not valid Unicode.", cause);

    /// <summary>Rewrites JSON, so that the output does not depend on the sender's spacing and escapes.</summary>
    private void WriteStructure(Utf8JsonWriter writer, JsonElement value)
    {
        try
        {
            writer.WriteStringValueSegment(ConstantJson.Write(value.WriteTo), isFinalSegment: false);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw NoUnicode(exception);
        }
    }

    private void WriteString(Utf8JsonWriter writer, JsonElement value)
    {
        var quoted = JsonMarshal.GetRawUtf8Value(value);
        var inside = quoted[1..^1];
        if (inside.Contains((byte)'\\'))
        {
            WellFormedText.Write(writer, ScalarOf(value).ToText());
        }
        else
        {
            writer.WriteStringValueSegment(inside, isFinalSegment: false);
        }
    }
}
