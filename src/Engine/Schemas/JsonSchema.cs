using System.Runtime.InteropServices;
using System.Text.Json;

namespace Sluice.Engine.Schemas;

/// <summary>A JSON Schema (2020-12) that requests are held against, read from a workflow and ready to be asked. <c>format</c> says nothing here, as the draft has it.</summary>
/// <param name="source">The schema as JSON.</param>
/// <param name="root">The schema.</param>
/// <param name="tracks">Whether it asks anywhere what of a value was not evaluated.</param>
internal sealed class JsonSchema(JsonElement source, SchemaNode root, bool tracks)
{
    /// <summary>The most that is told of one value.</summary>
    public const int MostErrors = 20;

    // Steps of about a tenth of a microsecond. A plain schema takes a few for each value, and a value has two bytes at least; one that refers to
    // itself twice doubles its work at each level of a hostile body, and would not end.
    private const int StepsOfAny = 50_000;
    private const int StepsOfByte = 20;
    private const int MostSteps = 5_000_000;

    /// <summary>The schema as JSON.</summary>
    public JsonElement Source => source;

    /// <summary>Everything that is wrong with a value, the first <see cref="MostErrors"/> of it; empty where it fits. No message holds the value.</summary>
    public IReadOnlyList<SchemaError> Check(JsonElement value)
    {
        var errors = new List<SchemaError>();
        var steps = (int)Math.Min(MostSteps, StepsOfAny + ((long)StepsOfByte * JsonMarshal.GetRawUtf8Value(value).Length));
        try
        {
            // Most values fit, and to know that no message has to be made.
            if (root.Holds(value, new SchemaFrame(new SchemaRun(steps, tracks), SchemaPlace.Root, null, null)))
            {
                return [];
            }

            root.Holds(value, new SchemaFrame(new SchemaRun(steps, tracks), SchemaPlace.Root, null, errors));
            return errors;
        }
        catch (SchemaLimitException)
        {
            return errors.Count > 0 ? errors : [new SchemaError("", "holds more than is checked here. Send less, or nest it less.")];
        }
    }
}

/// <summary>One thing that is wrong with a value.</summary>
/// <param name="Path">Where in the value: a JSON Pointer (RFC 6901), empty for the whole.</param>
/// <param name="Message">What is wrong, to be read after the path: <c>must be a string, not a number.</c></param>
/// <param name="Only">Where one value alone would do, that value as JSON.</param>
internal sealed record SchemaError(string Path, string Message, string? Only = null);

/// <summary>A value asks for more work than one check may do.</summary>
internal sealed class SchemaLimitException : Exception;
