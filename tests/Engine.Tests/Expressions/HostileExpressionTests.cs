using Sluice.Engine.Expressions;

namespace Sluice.Engine.Tests.Expressions;

/// <summary>Expressions that are made to take the host down: each ends in an <see cref="ExpressionException"/>, or is refused before it runs.</summary>
public sealed class HostileExpressionTests
{
    private const string Big = "'x'.repeat(8000000)";
    private const string Hundred = "[1,2,3,4,5,6,7,8,9,10].flatMap(a => [1,2,3,4,5,6,7,8,9,10])";
    private const string Doubled = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40].reduce(a => [a, a], ['x'])";

    [Theory]
    [InlineData("{{ 'x'.repeat(2000000000) }}")]
    [InlineData("{{ 'x'.repeat(1e300) }}")]
    [InlineData("{{ 'x'.padEnd(2000000000) }}")]
    [InlineData("{{ 'x'.padStart(8000000).padStart(8000001) }}")]
    [InlineData("{{ " + Big + ".replaceAll('x', " + Big + ") }}")]
    [InlineData("{{ " + Big + ".replaceAll('x', x => " + Big + ") }}")]
    [InlineData("{{ " + Big + ".replaceAll('', 'yy') }}")]
    [InlineData("{{ 'x'.repeat(10000).replace(/x/g, \"$`$'$`$'\") }}")]
    [InlineData("{{ " + Big + ".split('') }}")]
    [InlineData("{{ " + Big + ".split(/x/) }}")]
    [InlineData("{{ " + Big + ".match(/x/g) }}")]
    [InlineData("{{ " + Big + " + " + Big + " }}")]
    [InlineData("{{ `${" + Big + "}${" + Big + "}` }}")]
    [InlineData("{{ " + Big + ".concat(" + Big + ") }}")]
    [InlineData("{{ " + Hundred + ".map(a => " + Big + ").join('') }}")]
    [InlineData("{{ [1,2,3,4,5,6,7,8].reduce(a => a.concat(a).concat(a).concat(a).concat(a).concat(a), " + Hundred + ") }}")]
    [InlineData("{{ [1,2,3,4,5,6,7,8,9].reduce(a => a.flatMap(b => a), [1,2,3]) }}")]
    [InlineData("{{ [1,2,3,4,5,6,7,8,9].reduce(a => [...a, ...a, ...a, ...a, ...a, ...a, ...a], " + Hundred + ") }}")]
    [InlineData("{{ " + Hundred + ".reduce(a => a + a, 'x') }}")]
    [InlineData("{{ " + Hundred + ".reduce(a => `${a}${a}`, 'x') }}")]
    [InlineData("{{ " + Hundred + ".map(a => " + Hundred + ").map(a => a.map(b => " + Hundred + ".map(c => " + Hundred + ".length))) }}")]
    [InlineData("{{ " + Doubled + " }}")]
    [InlineData("text {{ " + Doubled + " }}")]
    [InlineData("{{ to_json(" + Doubled + ") }}")]
    [InlineData("{{ '' + " + Doubled + " }}")]
    [InlineData("{{ `${" + Doubled + "}` }}")]
    [InlineData("{{ " + Doubled + ".join() }}")]
    [InlineData("{{ " + Doubled + ".toString() }}")]
    [InlineData("{{ " + Doubled + " == 'x' }}")]
    [InlineData("{{ " + Doubled + " < 1 }}")]
    [InlineData("{{ -" + Doubled + " }}")]
    [InlineData("{{ " + Doubled + " * 2 }}")]
    [InlineData("{{ String(" + Doubled + ") }}")]
    [InlineData("{{ Number(" + Doubled + ") }}")]
    [InlineData("{{ parseInt(" + Doubled + ") }}")]
    [InlineData("{{ Math.max(" + Doubled + ", 1) }}")]
    [InlineData("{{ encodeURIComponent(" + Doubled + ") }}")]
    [InlineData("{{ 'x'.includes(" + Doubled + ") }}")]
    [InlineData("{{ 'x'.slice(" + Doubled + ") }}")]
    [InlineData("{{ 'x'.repeat(" + Doubled + ") }}")]
    [InlineData("{{ 'x'.replace('x', " + Doubled + ") }}")]
    [InlineData("{{ 'x'[" + Doubled + "] }}{{ ({})[" + Doubled + "] }}")]
    [InlineData("{{ { [" + Doubled + "]: 1 } }}")]
    [InlineData("{{ [" + Doubled + "].toSorted() }}")]
    [InlineData("{{ " + Doubled + ".flat(1e9) }}")]
    [InlineData("{{ " + Hundred + ".reduce(a => [a], []) }}")]
    [InlineData("{{ '' + " + Hundred + ".reduce(a => [a], []) }}")]
    [InlineData("{{ " + Hundred + ".reduce(a => ({ a }), 1) }}")]
    [InlineData("{{ json('['.repeat(100000)) }}")]
    [InlineData("{{ /^(a+)+$/.test('a'.repeat(60) + '!') }}")]
    [InlineData("{{ ('a'.repeat(27) + 'c').repeat(1000).replace(/(a+)+b|c/g, 'x') }}")]
    [InlineData("{{ date_format(now(), 'y'.repeat(1000000)) }}")]
    public void It_ends_in_an_error_soon(string text)
    {
        var (template, problems) = Compiled.Compile(text);
        Assert.Empty(problems);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ExpressionException>(() => Compiled.Write(writer => template.WriteTo(writer, new JsonScope("{}"))));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * ExpressionLimits.Memory);
    }

    [Theory]
    [InlineData("{{ new Uint8Array(2e9) }}")]
    [InlineData("{{ BigInt('9'.repeat(3e6)) }}")]
    [InlineData("{{ [].constructor.constructor('return 1')() }}")]
    [InlineData("{{ ''['constructor'] }}")]
    [InlineData("{{ ({}).__proto__ }}")]
    [InlineData("{{ Array(1e9) }}")]
    [InlineData("{{ Array.from({ length: 1e9 }) }}")]
    [InlineData("{{ eval('1') }}")]
    [InlineData("{{ Function('return 1')() }}")]
    [InlineData("{{ Reflect.ownKeys(1) }}")]
    [InlineData("{{ import('x') }}")]
    [InlineData("{{ [1].map(function f() { return f() }) }}")]
    [InlineData("{{ [1].map(x => { while (true) {} }) }}")]
    [InlineData("{{ [1].map(async x => 1) }}")]
    [InlineData("{{ 'a'.at.call('b') }}")]
    [InlineData("{{ [].push(1) }}")]
    [InlineData("{{ Object.assign({}, {}) }}")]
    [InlineData("{{ Object.defineProperty({}, 'a', {}) }}")]
    [InlineData("{{ $read(0) }}")]
    [InlineData("{{ $get({}, 'constructor') }}")]
    [InlineData("{{ [1].map($get => $get) }}")]
    [InlineData("{{ /a/.exec('a') }}")]
    [InlineData("{{ 'a'.match(/a/y) }}")]
    [InlineData("{{ { get a() { return 1 } } }}")]
    [InlineData("{{ { a() { return 1 } } }}")]
    [InlineData("{{ [...'abc'].map(x => x)[0] = 1 }}")]
    [InlineData("{{ trigger.output.body?.items['constructor'] }}")]
    [InlineData("{{ [1].map(x => x.prototype) }}")]
    [InlineData("{{ { a: x => x } }}")]
    [InlineData("{{ [x => x] }}")]
    public void It_is_refused_before_it_runs(string text) => Assert.NotEmpty(Compiled.Compile(text).Problems);

    [Theory]
    [InlineData("(", "1", ")", 4000)]
    [InlineData("[", "", "]", 4000)]
    [InlineData("!", "1", "", 8000)]
    [InlineData("-", "1", "", 2)]
    [InlineData("", "1", "+1", 4000)]
    [InlineData("`${", "1", "}`", 2000)]
    [InlineData("1?", "1", ":1", 2000)]
    [InlineData("", "a", ".a", 4000)]
    [InlineData("", "a", "?.a", 2000)]
    public void Deep_nesting_never_breaks_the_stack(string open, string middle, string close, int times)
    {
        var text = "{{ " + string.Concat(Enumerable.Repeat(open, times)) + middle + string.Concat(Enumerable.Repeat(close, times)) + " }}";
        var (template, problems) = Compiled.Compile(text);
        if (problems.Count == 0)
        {
            _ = Compiled.Write(writer => template.WriteTo(writer, new JsonScope("{}")));
        }
    }

    [Theory]
    [InlineData(@"{{ 'ab'.replace(/(?<x>a)|(?<x>b)/g, 'c') }}")]
    [InlineData(@"{{ 'ab'.match(/\p{Script=Greek}/u) }}")]
    [InlineData(@"{{ 'ab'.match(/[\q{abc}]/) }}")]
    [InlineData(@"{{ 'ab'.match(/(?i:a)/) }}")]
    [InlineData(@"{{ 'ab'.match(/\k<x>(?<x>a)/) }}")]
    [InlineData(@"{{ 'ab'.match(/a{99999999999}/) }}")]
    [InlineData(@"{{ 'ab'.match(/(?<!a)b/s) }}")]
    public void A_regular_expression_is_evaluated_or_refused_and_never_thrown(string text)
    {
        var (template, problems) = Compiled.Compile(text);
        if (problems.Count == 0)
        {
            Assert.NotEmpty(Compiled.Write(writer => template.WriteTo(writer, new JsonScope("{}"))));
        }
    }

    [Fact]
    public void A_long_expression_is_refused_by_its_length() =>
        Assert.Equal(ExpressionRules.TooLong, Compiled.Problem("{{ '" + new string('x', ExpressionLimits.SourceLength) + "' }}").Rule);

    [Fact]
    public void A_value_that_looks_like_an_expression_is_data() =>
        Assert.Equal("\"x {{ secrets.k }}\"", Compiled.Value("x {{ word }}", """{ "word": "{{ secrets.k }}", "secrets": { "k": "v" } }"""));

    [Fact]
    public void A_member_named_proto_is_data()
    {
        const string Roots = """{ "body": { "__proto__": { "admin": true }, "a": 1 } }""";
        Assert.Equal("null", Compiled.Value("{{ ({ ...body }).admin }}", Roots));
        Assert.Equal("true", Compiled.Value("{{ body['__pro' + 'to__'].admin }}", Roots));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_an_error_with_a_place()
    {
        var (template, _) = Compiled.Compile("x {{ word }}");
        var exception = Assert.Throws<ExpressionException>(() => Compiled.Write(writer => template.WriteTo(writer, new JsonScope("""{ "word": "\ud800" }"""))));
        Assert.StartsWith("orders:check.config.value (line 1, column 6): ", exception.Message, StringComparison.Ordinal);
    }
}
