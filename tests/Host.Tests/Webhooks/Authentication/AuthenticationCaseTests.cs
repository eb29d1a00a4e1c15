using System.Globalization;
using System.Text;
using Sluice.Host.Cli;
using Sluice.Host.Tests.Cli;
using Sluice.Host.Webhooks.Authentication.Schemes;

namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>Walks tests/cases/authentication: requests as providers and their libraries sign them, see the README there.</summary>
public sealed class AuthenticationCaseTests
{
    private static readonly string Folder = Path.Combine(SluiceProgram.RepositoryRoot, "tests", "cases", "authentication");

    public static TheoryData<string> Cases() =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_request_is_answered_as_its_file_says(string name)
    {
        var file = AuthenticationCase.Read(await File.ReadAllBytesAsync(Path.Combine(Folder, name + ".txt"), TestContext.Current.CancellationToken), name);
        await using var desk = new Desk(file.Auth, file.Secrets, new TestClock { Now = file.Now }, Folder);

        var turned = await desk.AskAsync(file.Request);

        Assert.Equal(file.Answer, turned switch { null => "verified", { Kept: { } kept } => kept.Reason, _ => $"{turned.Status} {turned.Body}" });
        if (turned?.Kept is { } refusal)
        {
            Assert.Equal(refusal.Reason switch { "not-permitted" => 403, "not-verifiable" => 503, _ => 401 }, turned.Status);
            Assert.DoesNotContain(refusal.Detail, turned.Body, StringComparison.Ordinal);
            Assert.All(file.Secrets.Values.Where(secret => secret.Length > 0), secret => Assert.DoesNotContain(secret, refusal.ToString() + turned.Body, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Where_age_does_not_count_only_what_is_stale_becomes_verified(string name)
    {
        var file = AuthenticationCase.Read(await File.ReadAllBytesAsync(Path.Combine(Folder, name + ".txt"), TestContext.Current.CancellationToken), name);
        await using var desk = new Desk(file.Auth, file.Secrets, new TestClock { Now = file.Now }, Folder, anyAge: true);

        var turned = await desk.AskAsync(file.Request);

        // A token without an expiry has no age that could be left out of account.
        var isExcused = file.Answer == "stale-timestamp" && name != "jwt-no-expiry";
        Assert.Equal(isExcused || file.Answer == "verified", turned is null);
    }

    [Fact]
    public void Every_type_of_authentication_has_cases()
    {
        var types = SchemeList.All.All.Select(scheme => scheme.Name.Replace('_', '-'));

        Assert.All(types, type => Assert.Contains(Cases(), row => row.Data.StartsWith(type, StringComparison.Ordinal)));
    }

    /// <summary>One file.</summary>
    private sealed record AuthenticationCase(string Auth, Dictionary<string, string> Secrets, DateTimeOffset Now, string Answer, RecordedRequest Request)
    {
        public static AuthenticationCase Read(byte[] bytes, string name)
        {
            const string heading = "\nrequest:\n";
            var text = Encoding.UTF8.GetString(bytes);
            var at = text.IndexOf(heading, StringComparison.Ordinal);
            var fields = text[..at].Split('\n').Where(line => !line.StartsWith('#')).Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1]);
            var request = RecordedRequest.Parse(Encoding.UTF8.GetBytes(text[(at + heading.Length)..^1]), name);
            return new AuthenticationCase(
                fields["auth"].Single(),
                fields.Where(field => field.Key.StartsWith("secret ", StringComparison.Ordinal)).ToDictionary(field => field.Key["secret ".Length..], field => field.Single()),
                DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields["now"].SingleOrDefault("1795420801"), CultureInfo.InvariantCulture)),
                fields["answer"].Single(),
                fields["body"].SingleOrDefault() is { } body ? request with { Body = Convert.FromBase64String(body) } : request);
        }
    }
}
