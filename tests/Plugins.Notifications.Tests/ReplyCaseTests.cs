using System.Text;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Notifications.Tests;

/// <summary>Walks tests/cases/webhook_response: blocks of a config, and below it, indented, what is sent or why it is refused.</summary>
public sealed class ReplyCaseTests
{
    public static TheoryData<string, string> Blocks()
    {
        var blocks = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "cases", "webhook_response"), "*.txt").Order(StringComparer.Ordinal))
        {
            foreach (var block in File.ReadAllText(file).Split("\n\n").Where(block => !block.StartsWith('#')))
            {
                var lines = block.TrimEnd().Split('\n');
                blocks.Add(lines[0], string.Join('\n', lines.Skip(1).Select(line => line[2..])));
            }
        }

        return blocks;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task A_config_gives_exactly_what_its_case_says(string config, string expected)
    {
        var environment = new NodeEnvironment();

        var outcome = await environment.RunAsync(new WebhookResponse(), config, TestContext.Current.CancellationToken);

        Assert.Equal(expected, outcome.Failure is { } failure ? $"refused {failure.Message}" : Write(Assert.Single(environment.Responder.Offered)));
    }

    private static string Write(Sdk.Reply reply)
    {
        var text = new StringBuilder($"{reply.Status}");
        foreach (var (name, value) in reply.Headers)
        {
            text.Append($"\n{name}: {value}");
        }

        text.Append(reply.ContentType is null ? "" : $"\nContent-Type: {reply.ContentType}");
        text.Append(reply.Blob is null ? "" : $"\nblob {reply.Blob}");
        return text.Append(reply.Body.IsEmpty ? "" : $"\n{Encoding.UTF8.GetString(reply.Body.Span)}").ToString();
    }
}
