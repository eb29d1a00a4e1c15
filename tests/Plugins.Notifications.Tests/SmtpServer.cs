using System.Net;
using System.Net.Sockets;

namespace Sluice.Plugins.Notifications.Tests;

/// <summary>A mail server on loopback that takes one message; its answers can be changed by the first word of the command.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, string> _answers;
    private readonly Task _serving;

    public SmtpServer(params (string Command, string Answer)[] answers)
    {
        _answers = answers.ToDictionary(answer => answer.Command, answer => answer.Answer);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public List<string> Commands { get; } = [];

    public List<string> Message { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync();
            using var reader = new StreamReader(client.GetStream());
            await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 test");
            while (await reader.ReadLineAsync() is { } command)
            {
                Commands.Add(command);
                var verb = command.Split(' ', ':')[0].ToUpperInvariant();
                if (_answers.TryGetValue(verb, out var answer) && answer == "hang up")
                {
                    return;
                }

                await writer.WriteLineAsync(answer ?? Usual(verb));
                if (verb == "DATA" && answer is null)
                {
                    await ReadMessageAsync(reader);
                    await writer.WriteLineAsync(_answers.GetValueOrDefault(".", "250 taken"));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task ReadMessageAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line && line != ".")
        {
            Message.Add(line);
        }
    }

    private static string Usual(string verb) => verb switch
    {
        "EHLO" => "250-test\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    };
}
