using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Sluice.Host.Logging;

namespace Sluice.Host.Tests.Logging;

/// <summary>The log as an operator sets it up: with a file beside the console.</summary>
public sealed class HostLogTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sluice-log-");

    private string File => Path.Combine(_directory.FullName, "log.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void No_sink_sees_a_secret_in_message_properties_scope_or_exception()
    {
        var text = Written(log =>
        {
            using (log.BeginScope("scope of {Token}", "hush-hush-9000"))
            using (log.BeginScope(new Dictionary<string, object> { ["scoped"] = new[] { "hush-hush-9000" } }))
            {
                log.LogWarning(Thrown(), "{Text} {@Object} {Uri}", "with hush-hush-9000", new { Token = "hush-hush-9000" }, new Uri("http://x/?k=hush-hush-9000"));
            }

#pragma warning disable CA2254, CA2017, CA1727 // What is tested is a template that others wrote badly.
            log.LogWarning("in the template: hush-hush-9000");
            log.LogWarning("met: {First}{Second}", "hush-", "hush-9000");
#pragma warning restore CA2254, CA2017, CA1727
            log.LogWarning("encoded: {Text}", Convert.ToBase64String("hush-hush-9000"u8));
        });

        Assert.DoesNotContain("hush-hush-9000", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("hush-hush-9000"u8), text, StringComparison.Ordinal);
        var events = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToArray();
        Assert.Equal(4, events.Length);
        Assert.Equal("with ***", events[0].Text("Text"));
        Assert.Equal("***", events[0].GetProperty("Object").Text("Token"));
        Assert.Equal("http://x/?k=***", events[0].Text("Uri"));
        Assert.Equal("***", events[0].GetProperty("scoped")[0].GetString());
        Assert.Contains("System.InvalidOperationException: outer ***", events[0].Text("@x"), StringComparison.Ordinal);
        Assert.Contains("inner ***", events[0].Text("@x"), StringComparison.Ordinal);
        Assert.Equal("in the template: ***", events[1].Text("@mt"));
        Assert.Equal("met: ***", events[2].Text("@mt"));
        Assert.Equal("***", events[3].Text("Text"));
    }

    [Fact]
    public void What_holds_no_secret_reaches_the_sinks_as_it_was()
    {
        var text = Written(log => log.LogWarning(new TimeoutException("late"), "{Count} of {Name}", 3, "plain"));

        var written = JsonElement.Parse(text);
        Assert.Equal(("{Count} of {Name}", 3, "plain"), (written.Text("@mt"), written.GetProperty("Count").GetInt32(), written.Text("Name")));
        Assert.StartsWith("System.TimeoutException: late", written.Text("@x"), StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_that_the_operator_sets_hold_for_every_sink()
    {
        var text = Written(log =>
        {
            log.LogInformation("left out");
            log.LogWarning("written");
        }, ("MinimumLevel:Default", "Warning"));

        Assert.Equal("written", JsonElement.Parse(text).Text("@mt"));
    }

    // Thrown, so that it has a stack.
    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("outer hush-hush-9000", new ArgumentException("inner hush-hush-9000"));
        }
        catch (InvalidOperationException thrown)
        {
            return thrown;
        }
    }

    private string Written(Action<ILogger> write, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Serilog:WriteTo:0:Name", "File"),
            new("Serilog:WriteTo:0:Args:path", File),
            new("Serilog:WriteTo:0:Args:formatter", "Serilog.Formatting.Compact.CompactJsonFormatter, Serilog.Formatting.Compact"),
            .. settings.Select(setting => KeyValuePair.Create($"Serilog:{setting.Key}", (string?)setting.Value)),
        ]).Build();
        using (var log = HostLog.Open(configuration, new OneSecret()))
        {
            write(log.Factory.CreateLogger("tested"));
        }

        return System.IO.File.ReadAllText(File);
    }
}
