using System.Collections;
using Sluice.Host.Configuration;

namespace Sluice.Host.Tests.Configuration;

public sealed class ConfigurationKeysTests
{
    [Theory]
    [InlineData("SLUICE__WEBHOOKS__TIMEOUTSECOND", "Did you mean SLUICE__WEBHOOKS__TIMEOUTSECONDS?")]
    [InlineData("SLUICE__WEBHOOK__TIMEOUTSECONDS", "Did you mean SLUICE__WEBHOOKS__TIMEOUTSECONDS?")]
    [InlineData("SLUICE__TIMEOUTSECONDS", "Did you mean SLUICE__WEBHOOKS__TIMEOUTSECONDS?")]
    [InlineData("sluice__runs__maximum", "is no setting of Sluice")]
    [InlineData("SLUICE__RUNS__MAX__0", "is no setting of Sluice")]
    [InlineData("SLUICE__COLOUR", "is no setting of Sluice.")]
    [InlineData("SLUICE__KESTREL__ENDPOINTS__OTHER__URL", "is no setting of Sluice")]
    [InlineData("SLUICE__PLUGINS__FEEDS", "is a list; write one key for each item, with its number at the end. Did you mean SLUICE__PLUGINS__FEEDS__0?")]
    [InlineData("SLUICE__PLUGINS__FEEDS__FIRST", "takes a number")]
    [InlineData("SLUICE__WEBHOOKS", "is a group of settings")]
    [InlineData("SLUICE_URLS", "is not read. Did you mean SLUICE__URLS?")]
    public void A_variable_that_no_setting_has_is_wrong(string name, string message)
    {
        var wrong = Assert.Single(ConfigurationKeys.WrongVariables(new Hashtable { [name] = "5" }));

        Assert.StartsWith(name + " ", wrong, StringComparison.Ordinal);
        Assert.Contains(message, wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SLUICE__WEBHOOKS__TIMEOUTSECONDS")]
    [InlineData("sluice__urls")]
    [InlineData("SLUICE__PLUGINS__FEEDS__0")]
    [InlineData("SLUICE__PLUGINS__ISOLATION__WEATHER")]
    [InlineData("SLUICE__SERILOG__MINIMUMLEVEL__DEFAULT")]
    [InlineData("SLUICE_SECRET_URLS")]
    [InlineData("SLUICE_PORT_80_TCP_ADDR")]
    [InlineData("SLUICE_SERVICE_HOST")]
    [InlineData("PATH")]
    public void Other_variables_are_right(string name) => Assert.Empty(ConfigurationKeys.WrongVariables(new Hashtable { [name] = "5" }));

    [Fact]
    public void Keys_of_a_file_are_judged_like_variables_and_an_empty_list_is_one()
    {
        KeyValuePair<string, string?>[] settings =
        [
            new("Serilog:WriteTo:0:Name", "File"), new("Logging:LogLevel:Default", "Warning"), new("Plugins:Feeds", ""), new("Runs:Maxx", "5"),
        ];

        Assert.Equal("Runs:Maxx in appsettings.json is no setting of Sluice. Did you mean Runs:Max?", Assert.Single(ConfigurationKeys.WrongKeys(settings, "appsettings.json")));
    }
}
