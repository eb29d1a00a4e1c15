using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;
using Serilog.Settings.Configuration;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Logging;

/// <summary>
/// The log of the host: Serilog, to the console and to any other sink that the operator configures. One logger receives events and applies
/// levels, scopes and enrichers; the events that pass are masked and handed to a second logger, which has the sinks.
/// </summary>
internal sealed class HostLog : IDisposable
{
    private const string Line = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    // The members of the Serilog section that configure sinks; the others configure events.
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
        // ASP.NET Core's own line adds nothing to the request line, and creates an activity and a scope per request if it is enabled.
        var silent = new LoggerFilterRule(providerName: null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, filter: null);
        var factory = new LoggerFactory([new SerilogLoggerProvider(logger, dispose: true)], new LoggerFilterOptions { MinLevel = LogLevel.Trace, Rules = { silent } });
        var requests = factory.CreateLogger<LoggedRequests>();
        return new HostLog(factory, isConsoleAlone ? new ConsoleRequests(console, requests, secrets) : new LoggedRequests(requests));
    }

    public void Dispose() => Factory.Dispose();

    // Levels need no sink assembly. Serilog scans all assemblies of the program only if more is configured.
    private static ConfigurationReaderOptions ReaderOptions(bool isConsoleAlone) =>
        isConsoleAlone ? new ConfigurationReaderOptions(typeof(Serilog.ILogger).Assembly) : new ConfigurationReaderOptions();
}
