using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Settings.Configuration;
using Sluice.Engine.Execution;

namespace Sluice.Host.Logging;

/// <summary>The host's log: Serilog, to the console and to whatever else the operator sets up, with secrets masked.</summary>
internal sealed class HostLog : IDisposable
{
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
        var console = new ConsoleLines(new MaskingFormatter(secrets), Console.OpenStandardOutput());
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .ReadFrom.Configuration(configuration, ReaderOptions(isConsoleAlone))
            .WriteTo.Sink(console)
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
