namespace Sluice.Sdk.Analyzers.Tests;

public sealed class JsonContextCodeFixTests
{
    private const string Node = """
        using Sluice.Sdk;

        namespace Acme.Weather;

        [Node("weather")]
        public sealed class Weather() : PureNode<WeatherConfig, WeatherOutput>(Json.Default)
        {
            protected override NodeResult<WeatherOutput> Run(WeatherConfig config, CancellationToken cancellationToken) => new WeatherOutput(0);
        }

        public sealed record WeatherConfig(string City);

        public sealed record WeatherOutput(double Temperature);

        """;

    [Fact]
    public async Task The_missing_attribute_follows_the_others()
    {
        using var project = new AuthorProject(Node, """
            using System.Text.Json.Serialization;

            namespace Acme.Weather;

            /// <summary>The JSON of the records.</summary>
            [JsonSerializable(typeof(WeatherConfig))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Equal("Add [JsonSerializable(typeof(WeatherOutput))] to Json", await project.FixAsync());

        Assert.Equal("""
            using System.Text.Json.Serialization;

            namespace Acme.Weather;

            /// <summary>The JSON of the records.</summary>
            [JsonSerializable(typeof(WeatherConfig))]
            [JsonSerializable(typeof(WeatherOutput))]
            internal sealed partial class Json : JsonSerializerContext;
            """, await project.FileAsync(1));
        Assert.Empty(await project.ErrorsAsync());
    }

    [Fact]
    public async Task One_fix_adds_all_types_of_the_node_below_the_comment()
    {
        using var project = new AuthorProject(Node, """
            using System.Text.Json.Serialization;

            namespace Acme.Weather
            {
                /// <summary>The JSON of the records.</summary>
                internal sealed partial class Json : JsonSerializerContext
                {
                }
            }
            """);

        Assert.Equal("Add [JsonSerializable(typeof(WeatherConfig))] and [JsonSerializable(typeof(WeatherOutput))] to Json", await project.FixAsync());

        Assert.Equal("""
            using System.Text.Json.Serialization;

            namespace Acme.Weather
            {
                /// <summary>The JSON of the records.</summary>
                [JsonSerializable(typeof(WeatherConfig))]
                [JsonSerializable(typeof(WeatherOutput))]
                internal sealed partial class Json : JsonSerializerContext
                {
                }
            }
            """, await project.FileAsync(1));
        Assert.Empty(await project.ErrorsAsync());
    }

    [Fact]
    public async Task Names_that_are_not_imported_are_written_in_full()
    {
        using var project = new AuthorProject(Node.Replace("Json.Default", "Other.Json.Default", StringComparison.Ordinal), """
            namespace Other;

            [System.Text.Json.Serialization.JsonSerializable(typeof(Acme.Weather.WeatherConfig))]
            internal sealed partial class Json : System.Text.Json.Serialization.JsonSerializerContext;
            """);

        await project.FixAsync();

        Assert.Contains("[System.Text.Json.Serialization.JsonSerializable(typeof(Acme.Weather.WeatherOutput))]\n", await project.FileAsync(1), StringComparison.Ordinal);
        Assert.Empty(await project.ErrorsAsync());
    }
}
