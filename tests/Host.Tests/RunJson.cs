using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Host.Tests;

/// <summary>Reads a run as the API shows it.</summary>
internal static class RunJson
{
    /// <summary>JSON that is compared with text: nothing escaped that need not be.</summary>
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<JsonElement> Steps(this JsonElement run) => run.GetProperty("steps").EnumerateArray();

    public static JsonElement Step(this JsonElement run, string key) => run.Steps().Last(step => step.GetProperty("key").GetString() == key);

    public static JsonElement Output(this JsonElement run, string key) => run.Step(key).GetProperty("output");

    public static string Status(this JsonElement runOrStep) => runOrStep.GetProperty("status").GetString()!;

    /// <summary>The same JSON without the white space.</summary>
    public static string Compact(this JsonElement json) => JsonSerializer.Serialize(json, Plain);

    public static string? Text(this JsonElement json, string member) => json.GetProperty(member).GetString();

    public static IEnumerable<string> Warnings(this JsonElement run) => run.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!);
}
