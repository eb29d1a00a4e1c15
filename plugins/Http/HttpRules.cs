using System.Buffers;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Http;

/// <summary>What a config of <see cref="Http"/> must be, beyond what its schema says.</summary>
internal static class HttpRules
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] HostHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Connection"];

    public static IReadOnlyList<ConfigProblem> Check(HttpConfig config)
    {
        List<ConfigProblem> problems = [];
        AddIf(AddressProblem(config.Url), "url");
        AddIf(IsToken(config.Method) ? null : "An HTTP method is one word, such as `GET` or `POST`.", "method");
        foreach (var (name, value) in config.Headers ?? [])
        {
            AddIf(HeaderProblem(name, value), $"headers.{name}");
        }

        foreach (var (name, value) in config.Query ?? [])
        {
            AddIf(IsQueryValue(value, listAllowed: true) ? null : "A query value is a text, number, boolean or null, or a list of those.", $"query.{name}");
        }

        AddIf(config is { Body: not null, Form: not null } ? "A request has one body: give `body` or `form`, not both." : null, "form");
        AddIf(config.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > LongestTimeout) ? "A timeout is more than 0 and at most 10m." : null, "timeout");
        AddIf(StatusSet.Parse(config.ExpectStatus, out _, out var problem) ? null : problem, "expect_status");
        return problems;

        void AddIf(string? message, string path)
        {
            if (message is not null)
            {
                problems.Add(new ConfigProblem(path, message));
            }
        }
    }

    // The address itself stays out of the message: it may hold a secret.
    private static string? AddressProblem(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return "This is no http or https address; write it whole, such as `https://api.example.com/orders`.";
        }

        return address.UserInfo.Length > 0 ? "An address with a user name or password in it ends up in logs; send an `Authorization` header instead." : null;
    }

    private static string? HeaderProblem(string name, string value)
    {
        if (!IsToken(name))
        {
            return "A header's name is made of letters, digits and hyphens.";
        }

        if (HostHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return "The host sets this header itself; remove it.";
        }

        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value.Any(c => c is not '\t' and (< ' ' or > '~'))
            ? "A header's value is one line of ASCII characters; encode what goes beyond them."
            : null;
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static bool IsQueryValue(JsonElement value, bool listAllowed) => value.ValueKind switch
    {
        JsonValueKind.Object => false,
        JsonValueKind.Array => listAllowed && value.EnumerateArray().All(item => IsQueryValue(item, listAllowed: false)),
        _ => true,
    };
}
