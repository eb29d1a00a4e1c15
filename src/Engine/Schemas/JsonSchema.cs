using System.Runtime.InteropServices;
using System.Text.Json;

namespace Sluice.Engine.Schemas;

/// <summary>
/// A compiled JSON Schema (2020-12) of requests, read from a workflow. <c>format</c> is an annotation, as the draft specifies.
/// </summary>
/// <param name="source">The schema as JSON.</param>
/// <param name="root">The schema.</param>
/// <param name="tracks">Whether any keyword needs to know which parts of a value were not evaluated.</param>
internal sealed class JsonSchema(JsonElement source, SchemaNode root, bool tracks)
{
    /// <summary>The most errors reported of one value.</summary>
    public const int MostErrors = 20;

    // One step takes about a tenth of a microsecond. A plain schema takes a few per value, and a value has at least two bytes. A schema
    // that refers to itself twice doubles the work at each level of a hostile body, and would practically never end.
    private const int StepsOfAny = 50_000;
    private const int StepsOfByte = 20;
    private const int MostSteps = 5_000_000;

    /// <summary>The schema as JSON.</summary>
    public JsonElement Source => source;

    /// <summary>
    /// Returns the errors of a value, at most <see cref="MostErrors"/>; empty if it is valid. No message contains the value.
    /// </summary>
    public IReadOnlyList<SchemaError> Check(JsonElement value)
    {
        var errors = new List<SchemaError>();
        var steps = (int)Math.Min(MostSteps, StepsOfAny + ((long)StepsOfByte * JsonMarshal.GetRawUtf8Value(value).Length));
        try
        {
            // Most values are valid, and finding that out needs no messages.
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

/// <summary>An error of a value.</summary>
/// <param name="Path">The location in the value: a JSON Pointer (RFC 6901), empty for the whole value.</param>
/// <param name="Message">What is wrong, to be read after the path: <c>must be a string, not a number.</c></param>
/// <param name="Only">The only allowed value as JSON, if there is just one.</param>
internal sealed record SchemaError(string Path, string Message, string? Only = null);

/// <summary>Thrown if a check needs more work than it may do.</summary>
internal sealed class SchemaLimitException : Exception;
