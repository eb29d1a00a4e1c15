using Microsoft.Extensions.Configuration;
using Sluice.Host.Configuration;

namespace Sluice.Host.Tests.Configuration;

/// <summary>Tests that change the environment of the process, so they run while no other does.</summary>
[CollectionDefinition(nameof(ProcessEnvironment), DisableParallelization = true)]
public sealed class ProcessEnvironment;

[Collection(nameof(ProcessEnvironment))]
public sealed class HostConfigurationTests
{
    [Fact]
    public void Row_1_5_The_deadline_is_30_seconds_and_the_environment_variable_sets_it()
    {
        Assert.Equal(30, Read().Webhooks.TimeoutSeconds);
        Assert.Equal("OPS_WEBHOOK_TIMEOUT_SECONDS", HostConfiguration.DeadlineVariable);
        Assert.Equal(7.5, With(HostConfiguration.DeadlineVariable, "7.5", () => Read().Webhooks.TimeoutSeconds));
    }

    [Fact]
    public void The_command_line_wins_over_the_environment() =>
        Assert.Equal((3, 5), With("SLUICE__RUNS__MAX", "3", () => (Read().Runs.Max, Read(("Runs:Max", "5")).Runs.Max)));

    [Theory]
    [InlineData("Webhooks:TimeoutSeconds", "0", "must be above 0")]
    [InlineData("Webhooks:TimeoutSeconds", "NaN", "Webhooks:TimeoutSeconds (OPS_WEBHOOK_TIMEOUT_SECONDS) is NaN; it must be above 0 and at most 3600.")]
    [InlineData("Webhooks:TimeoutSeconds", "soon", "soon")]
    [InlineData("Data:Directory", "", "Data:Directory is \"\"; it must be the path of a folder.")]
    [InlineData("Workflows:Directory", " ", "Workflows:Directory is \" \"; it must be the path of a folder.")]
    [InlineData("Plugins:Directory", "", "Plugins:Directory is \"\"; it must be the path of a folder.")]
    [InlineData("ShutdownGraceSeconds", "-1", "ShutdownGraceSeconds is -1; it must be from 0 to 86400.")]
    [InlineData("Retention:MaxBytes", "1024", "Retention:MaxBytes is 1024; it must be 0 (no bound) or at least 16777216.")]
    [InlineData("Retention:MaxRuns", "-1", "Retention:MaxRuns is -1; it must be at least 0.")]
    [InlineData("Plugins:DefaultIsolation", "sandbox", "Plugins:DefaultIsolation is \"sandbox\"; it must be context or process.")]
    [InlineData("Plugins:ProcessEnvironment:0", "SLUICE_SECRET_KEY", "which is the host's own; name a secret in the config of a step instead")]
    [InlineData("Webhooks:MaxBodyBytes", "0", "must be from 1")]
    [InlineData("Runs:MaxOutputBytes", "1023", "must be from 1024")]
    [InlineData("Webhooks:MaxReplyBytes", "-1", "must be from 1")]
    [InlineData("Webhooks:TrustedProxies:0", "proxy", "write it as 10.1.0.0/16")]
    [InlineData("Webhooks:ForwardedHeader", "X-Real-IP", "X-Forwarded-For or Forwarded")]
    [InlineData("Webhooks:PublicUrl", "hooks.example.com", "such as https://hooks.example.com")]
    [InlineData("Refusals:Max", "0", "must be from 1")]
    [InlineData("Retention:MaxVersions", "0", "must be at least 1")]
    [InlineData("Refusals:Days", "0", "must be from 1")]
    [InlineData("Webhooks:MaxUploadBytes", "0", "must be from 1")]
    [InlineData("Webhooks:MaxBodyMemoryBytes", "10485759", "must be at least Webhooks:MaxBodyBytes, 10485760")]
    [InlineData("Webhooks:MaxConnections", "15", "at least 16")]
    [InlineData("Webhooks:MaxBodyValues", "0", "must be from 1")]
    [InlineData("Webhooks:MaxFormFields", "0", "must be from 1")]
    [InlineData("Webhooks:MaxFileBytes", "2000000001", "must be from 1")]
    [InlineData("Webhooks:MaxParts", "0", "must be from 1")]
    [InlineData("Blobs:MaxBytes", "0", "at least 1")]
    [InlineData("Blobs:RetentionHours", "-1", "must be from 0")]
    [InlineData("Runs:Max", "0", "at least 1")]
    [InlineData("Runs:StepTimeoutSeconds", "90000", "86400")]
    [InlineData("Http:Allow:0", "10.1.0.0", "write it as 10.1.0.0/16")]
    [InlineData("Plugins:AllowedSigners:0", "acme", "64 hexadecimal digits")]
    [InlineData("Plugins:MaxUnpackedBytes", "0", "at least 1")]
    [InlineData("Urls", "127.0.0.1:5180", "write it as http://127.0.0.1:5180")]
    public void A_wrong_option_is_refused_with_its_name_and_the_cure(string key, string value, string cure)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read((key, value)));

        Assert.Contains(key.Split(':')[0], refused.Message, StringComparison.Ordinal);
        Assert.Contains(cure, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(("Runs:Max", "0"), ("Webhooks:MaxBodyBytes", "0")));

        Assert.Contains("Runs:Max", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Webhooks:MaxBodyBytes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_key_is_no_key(string key) =>
        Assert.Contains(
            "Admin:ApiKey",
            Assert.Throws<ConfigurationException>(() => Read(("Admin:Urls", "http://0.0.0.0:5181"), ("Admin:ApiKey", key))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_secret_comes_from_the_environment_and_a_file_wins_over_it()
    {
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string> { ["SLUICE_SECRET_TOKEN"] = "from outside", ["SLUICE_SECRET_Other"] = "kept", ["PATH"] = "no secret" };

        var secrets = HostSecrets.Read(environment, folder.Secrets);

        Assert.Equal(("hush-hush-9000", "kept"), (secrets.Find("token"), secrets.Find("other")));
        Assert.DoesNotContain("path", secrets.Names);
    }

    private static T With<T>(string variable, string value, Func<T> read)
    {
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            return read();
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    private static SluiceOptions Read(params (string Key, string? Value)[] overrides)
    {
        var configuration = new ConfigurationBuilder();
        HostConfiguration.AddSources(configuration, overrides.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)));
        return HostConfiguration.Read(configuration.Build());
    }
}
