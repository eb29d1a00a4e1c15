using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Expressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Expressions;

/// <summary>Compiles and evaluates values for tests, at noon of 1 March 2026.</summary>
internal static class Compiled
{
    public static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public static readonly ExpressionSite Site = new("orders", "check", "config.value", new Position(1, 1));

    public static (Template Template, List<Problem> Problems) Compile(string text)
    {
        var problems = new List<Problem>();
        return (ExpressionCompiler.Compile(text, Site, problems), problems);
    }

    /// <summary>The value as JSON text; fails where the text has a problem.</summary>
    public static string Value(string text, string roots = "{}")
    {
        var (template, problems) = Compile(text);
        Assert.Empty(problems);
        return Write(writer => template.WriteTo(writer, new JsonScope(roots)));
    }

    public static Problem Problem(string text) => Assert.Single(Compile(text).Problems);

    public static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
