using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;
using Serilog.Settings.Configuration;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Logging;

/// <summary>
/// The host's log: Serilog, to the console and to whatever else the operator sets up. One logger takes events, levels, scopes and enrichers
/// included; what it lets through is masked and handed to a second one, which has the sinks.
/// </summary>
internal sealed class HostLog : IDisposable
{
    private const string Line = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    // What of Serilog's section is about sinks; the rest is about events.
    private static readonly string[] OfSinks = ["WriteTo", "AuditTo"];
    private static readonly string[] OfBoth = ["Using", "LevelSwitches"];

    private HostLog(LoggerFactory factory, IRequestLog requests)
    {
        Factory = factory;
        Requests = requests;
    }

    public ILoggerFactory Factory { get; }

    public IRequestLog Requests { get; }

    public static HostLog Open(IConfiguration configuration, ISecrets secrets)
    {
        var settings = configuration.GetSection("Serilog");
        var isConsoleAlone = settings.GetChildren().All(part => part.Key == "MinimumLevel");
        var console = new ConsoleLines(new MessageTemplateTextFormatter(Line, CultureInfo.InvariantCulture), Console.OpenStandardOutput());
        var sinks = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .ReadFrom.Configuration(LogSettings.Of(settings, name => OfSinks.Contains(name) || OfBoth.Contains(name)), ReaderOptions(isConsoleAlone))
            .WriteTo.Sink(console)
            .CreateLogger();
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .ReadFrom.Configuration(LogSettings.Of(settings, name => !OfSinks.Contains(name)), ReaderOptions(isConsoleAlone))
            .WriteTo.Sink(new MaskingSink(secrets.Masks.All, sinks))
            .CreateLogger();
        // It writes nothing that the request line does not say, and makes an activity and a scope for each request as long as it may.
        var silent = new LoggerFilterRule(providerName: null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, filter: null);
        var factory = new LoggerFactory([new SerilogLoggerProvider(logger, dispose: true)], new LoggerFilterOptions { MinLevel = LogLevel.Trace, Rules = { silent } });
        var requests = factory.CreateLogger<LoggedRequests>();
        return new HostLog(factory, isConsoleAlone ? new ConsoleRequests(console, requests, secrets) : new LoggedRequests(requests));
    }

    public void Dispose() => Factory.Dispose();

    // Levels need no sink's assembly; only where there is more to set up does Serilog go through all of the program's assemblies.
    private static ConfigurationReaderOptions ReaderOptions(bool isConsoleAlone) =>
        isConsoleAlone ? new ConfigurationReaderOptions(typeof(Serilog.ILogger).Assembly) : new ConfigurationReaderOptions();
}
