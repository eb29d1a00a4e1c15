using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Sluice.Engine.Expressions;
using Sluice.Engine.Text;

namespace Sluice.Bench;

/// <summary>Measures one evaluation: a plain path, the two configs of the plain flow, a signature check, a script.</summary>
[MemoryDiagnoser]
public class ExpressionBench : IDisposable
{
    private const string Roots = """
        {
          "method": "POST",
          "headers": { "content-type": "application/json", "x-signature": "sha256=0123456789abcdef", "x-kind": "paid" },
          "raw_body": "{\"id\":\"pay_1\",\"items\":[{\"price\":5},{\"price\":7}]}",
          "body": { "id": "pay_1", "amount": 1250, "items": [{ "price": 5 }, { "price": 7 }] }
        }
        """;

    private static readonly ExpressionSite Site = new("bench", "step", "config", new Position(1, 1));

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Scope _scope = new();
    private readonly Utf8JsonWriter _writer;
    private readonly Template _path = Compile("{{ trigger.output.body.id }}");
    private readonly Template _text = Compile("Payment {{ trigger.output.body.id }} over {{ trigger.output.body.amount }}");
    private readonly Template _comparison = Compile("{{ trigger.output.body.amount > 1000 && trigger.output.headers.x-kind === 'paid' }}");
    private readonly Template _signature = Compile("{{ secure_equals('sha256=' + hmac('sha256', secrets.key, trigger.output.raw_body), trigger.output.headers.x-signature) }}");
    private readonly Template _script = Compile("{{ trigger.output.body.items.reduce((sum, item) => sum + item.price, 0) }}");
    private readonly ConfigTemplate _gate;
    private readonly ConfigTemplate _reply;

    public ExpressionBench()
    {
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = ConstantJson.Encoder, SkipValidation = true });
        _gate = Compile(new SourceNode.Object(
            [
                Member("combine", Text("and")),
                Member("conditions", new SourceNode.Array(
                    [new SourceNode.Object([Member("field", Text("{{ trigger.output.headers.x-kind }}")), Member("operator", Text("equals")), Member("value", Text("paid"))], default)],
                    default)),
            ],
            default));
        _reply = Compile(new SourceNode.Object(
            [
                Member("status", new SourceNode.Literal("200", default)),
                Member("body", new SourceNode.Object([Member("id", Text("{{ trigger.output.body.id }}")), Member("received", new SourceNode.Literal("true", default))], default)),
            ],
            default));
    }

    [Benchmark]
    public int PlainPath() => Write(_path);

    [Benchmark]
    public int TextWithTwoPaths() => Write(_text);

    [Benchmark]
    public int Comparison() => Write(_comparison);

    [Benchmark]
    public int SignatureCheck() => Write(_signature);

    [Benchmark]
    public int Script() => Write(_script);

    [Benchmark]
    public int GateAndReplyConfigs()
    {
        Begin();
        _gate.WriteTo(_writer, _scope);
        _writer.Flush();
        _writer.Reset();
        _reply.WriteTo(_writer, _scope);
        _writer.Flush();
        return _buffer.WrittenCount;
    }

    [Benchmark]
    public int CompileAScript() => Compile("{{ trigger.output.body.items.reduce((sum, item) => sum + item.price, 0) }}").References.Length + _buffer.Capacity;

    public void Dispose()
    {
        _writer.Dispose();
        GC.SuppressFinalize(this);
    }

    private static SourceNode.Member Member(string name, SourceNode value) => new(name, default, value);

    private static SourceNode.Text Text(string value) => new(value, default);

    private static Template Compile(string text) => ExpressionCompiler.Compile(text, Site, new Refusing());

    private static ConfigTemplate Compile(SourceNode config) => ConfigTemplate.Compile(config, Site, new Refusing());

    private int Write(Template template)
    {
        Begin();
        template.WriteTo(_writer, _scope);
        _writer.Flush();
        return _buffer.WrittenCount;
    }

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
    }

    /// <summary>The output of a trigger, read as a run reads it.</summary>
    private sealed class Scope : IScope
    {
        private readonly JsonElement _output = JsonElement.Parse(Roots);

        public JsonElement Resolve(Reference reference)
        {
            var value = _output;
            foreach (var part in reference.Parts.AsSpan()[1..])
            {
                if (part.Name is not { } name || value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                {
                    return default;
                }
            }

            return value;
        }

        public string? Secret(string name) => "whsec_0123456789";

        public string Mask(string text) => text;

        public DateTimeOffset Now => DateTimeOffset.UnixEpoch;

        public Guid NextUuid() => Guid.Empty;
    }

    /// <summary>Throws, because a benchmark with an invalid expression measures nothing.</summary>
    private sealed class Refusing : System.Collections.ObjectModel.Collection<Problem>
    {
        protected override void InsertItem(int index, Problem item) => throw new InvalidOperationException(item.ToString());
    }
}
