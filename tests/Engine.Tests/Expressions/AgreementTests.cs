using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Tests.Expressions;

/// <summary>The same text gives the same value, whichever way it is evaluated: plain, over scalars, or by the script engine.</summary>
public sealed class AgreementTests
{
    private static readonly Gen<string> Names = OneOf("a", "b", "x-y", "length", "toString", "0", "map", "hasOwnProperty");

    private static readonly Gen<JsonNode?> Leaves = Gen.OneOf(
        Gen.Const(() => (JsonNode?)null),
        Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Int.Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Double[-1e12, 1e12].Select(value => (JsonNode?)JsonValue.Create(value)),
        OneOf("0", "-0", "1.0", "1e3", "1.50", "1E-7", "123456789012", "9007199254740991", "9007199254740992", "9007199254740993", "-9223372036854775808", "1234567890123456789012", "1e21", "0.1").Select(JsonNode? (text) => JsonNode.Parse(text)),
        Gen.String[Gen.Char.AlphaNumeric, 0, 4].Select(value => (JsonNode?)JsonValue.Create(value)),
        OneOf("é", "😀", "\"", "\n", "5", "true", "").Select(value => (JsonNode?)JsonValue.Create(value)));

    private static readonly Gen<string> Parts = Gen.OneOf(
        Names.Where(name => char.IsLetter(name[0])).Select(name => "." + name),
        Names.Where(name => char.IsLetter(name[0])).Select(name => "?." + name),
        Names.Select(name => $"['{name}']"),
        Gen.Int[0, 3].Select(index => $"[{index}]"));

    private static readonly Gen<string> Paths = Parts.Array[0, 4].Select(parts => "root" + string.Concat(parts));

    private static readonly Gen<(string Expression, string Roots)> Cases = Gen.Select(Expressions(2), Values(3))
        .Select((expression, value) => (expression, new JsonObject { ["root"] = value?.DeepClone() }.ToJsonString()));

    [Fact]
    public void Plain_and_scripted_references_agree() =>
        Gen.Select(Paths, Values(3)).Select((path, value) => (path, new JsonObject { ["root"] = value?.DeepClone() }.ToJsonString()))
            .Sample((path, roots) => AreTheSame(path, $"[{path}].at(0)", roots), iter: 2_000);

    [Fact]
    public void Scalar_and_scripted_operations_agree() =>
        Cases.Sample((expression, roots) => AreTheSame(expression, $"[{expression}].at(0)", roots), iter: 2_000);

    [Fact]
    public void Signature_checks_agree() =>
        Gen.Select(OneOf("sha1", "sha256", "sha384", "sha512"), OneOf("hex", "base64", "base64url"), Values(0))
            .Sample(
                (algorithm, encoding, value) =>
                {
                    var expression = $"secure_equals('p=' + hmac('{algorithm}', secrets.k, root, '{encoding}'), `p=${{hmac('{algorithm}', 'v', root ?? '', '{encoding}')}}`) && base64(root)";
                    AreTheSame(expression, $"[{expression}][0]", new JsonObject { ["root"] = value?.DeepClone(), ["secrets"] = new JsonObject { ["k"] = "v" } }.ToJsonString());
                },
                iter: 200);

    private static void AreTheSame(string one, string other, string roots)
    {
        Assert.Equal(Outcome($"{{{{ {one} }}}}", roots), Outcome($"{{{{ {other} }}}}", roots));
        Assert.Equal(Outcome($"a{{{{ {one} }}}}b", roots), Outcome($"a{{{{ {other} }}}}b", roots));
    }

    /// <summary>The value with its numbers in one spelling; an error without its place.</summary>
    private static string Outcome(string text, string roots)
    {
        var (template, problems) = Compiled.Compile(text);
        Assert.Empty(problems);
        try
        {
            using var value = JsonDocument.Parse(Compiled.Write(writer => template.WriteTo(writer, new JsonScope(roots))));
            return Spelled(value.RootElement);
        }
        catch (ExpressionException exception)
        {
            return exception.Message[exception.Message.IndexOf("): ", StringComparison.Ordinal)..];
        }
    }

    private static string Spelled(JsonElement value) => value.ValueKind switch
    {
        // An integer digit for digit: to lose some is what these tests look for.
        JsonValueKind.Number when value.GetRawText() is { Length: > 15 } digits && digits.TrimStart('-').All(char.IsAsciiDigit) => digits,
        JsonValueKind.Number => (value.GetDouble() + 0.0).ToString("R", CultureInfo.InvariantCulture).Replace("-0", "0", StringComparison.Ordinal),
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Spelled))}]",
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(member => $"{member.Name}:{Spelled(member.Value)}"))}}}",
        JsonValueKind.String => SpelledText(value.GetString()!),
        _ => value.GetRawText(),
    };

    /// <summary>A text; where it is JSON between an a and a b, with the numbers in it in one spelling. "[object Object]" is none.</summary>
    private static string SpelledText(string text)
    {
        if (text is ['a', '{' or '[', .., '}' or ']', 'b'])
        {
            try
            {
                using var inner = JsonDocument.Parse(text[1..^1]);
                return Spelled(inner.RootElement);
            }
            catch (JsonException)
            {
                // What an object is as a text, which looks like a list.
            }
        }

        return $"\"{text}\"";
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<JsonNode?> Values(int depth) => depth == 0
        ? Leaves
        : Gen.OneOf(
            Leaves,
            Values(depth - 1).Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
            Gen.Select(Names, Values(depth - 1)).Array[0, 4].Select(members =>
                (JsonNode?)new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone())))));

    private static Gen<string> Expressions(int depth) => depth == 0
        ? Gen.OneOf(Paths, OneOf("1", "2.5", "'a'", "'5'", "''", "true", "null", "undefined", "0", "9007199254740993"))
        : Gen.OneOf(
            Expressions(0),
            Gen.Select(
                Expressions(depth - 1),
                OneOf("+", "-", "*", "/", "%", "===", "!==", "==", "!=", "<", "<=", ">", ">=", "&&", "||"),
                Expressions(depth - 1)).Select((left, operation, right) => $"({left} {operation} {right})"),
            Gen.Select(Expressions(depth - 1), Expressions(depth - 1)).Select((left, right) => $"({left} ?? {right})"),
            Gen.Select(Expressions(depth - 1), Expressions(depth - 1), Expressions(depth - 1)).Select((test, one, other) => $"({test} ? {one} : {other})"),
            Expressions(depth - 1).Select(operand => $"(!{operand})"),
            Expressions(depth - 1).Select(operand => $"`x${{{operand}}}y`"));
}
