using System.Text.Json;
using Sluice.Engine.Replies;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Checking;

/// <summary>Checks a trigger's custom response against its schema, and its constant parts against the rules for replies.</summary>
internal static class AnswerCheck
{
    private const string Rule = "bad-answer";

    private static readonly ValueSchema Shape = ReadShape();

    public static void Check(SourceNode.Object answer, string path, ICollection<Problem> problems)
    {
        var found = new List<Problem>();
        new ConfigCheck((rule, message, place, at) => new Problem(rule, message, Path: place, At: at), found).Check(answer, Shape, path);
        found.ForEach(problems.Add);
        if (found.Count == 0)
        {
            CheckReply(answer, path, problems);
        }
    }

    private static void CheckReply(SourceNode.Object answer, string path, ICollection<Problem> problems)
    {
        foreach (var header in (answer["headers"] as SourceNode.Object)?.Members ?? [])
        {
            var values = header.Value is SourceNode.Array list ? list.Items : [header.Value];
            foreach (var value in values)
            {
                Note(() => ReplyRules.CheckField(header.Name, ConstantOf(value)), $"{path}.headers.{header.Name}", header.NameAt, problems);
            }
        }

        if (answer["content_type"] is SourceNode.Text type)
        {
            Note(() => ReplyRules.CheckField("Content-Type", ConstantOf(type)), $"{path}.content_type", type.At, problems);
        }

        if (answer["body"] is { } body && !body.IsNull() && answer["status"] is SourceNode.Literal { Json: "204" or "205" or "304" } status)
        {
            problems.Add(new Problem(Rule, $"Status {status.Json} has no body (RFC 9110, sections 15.3.5, 15.3.6, 15.4.5). Omit the body, or use 200.", Path: $"{path}.body", At: body.At));
        }
    }

    private static void Note(Action check, string path, Position at, ICollection<Problem> problems)
    {
        try
        {
            check();
        }
        catch (ReplyRefusedException refused)
        {
            problems.Add(new Problem(Rule, refused.Message, Path: path, At: at));
        }
    }

    // The result of an expression is checked when the response is sent.
    private static string ConstantOf(SourceNode value) => value switch
    {
        SourceNode.Text text when !ExpressionMark.IsIn(text.Value) => text.Value,
        SourceNode.Literal literal => literal.Json,
        _ => "",
    };

    private static ValueSchema ReadShape()
    {
        using var document = JsonDocument.Parse("""
            {"type":"object","additionalProperties":false,"required":["status"],"properties":{
                "status":{"type":"integer","minimum":200,"maximum":599},
                "headers":{"type":"object","additionalProperties":{"anyOf":[
                    {"type":["string","number","boolean"]},
                    {"type":"array","items":{"type":["string","number","boolean"]}}]}},
                "body":true,
                "content_type":{"type":"string"}}}
            """);
        return ValueSchema.Read(document.RootElement.Clone());
    }
}
