namespace Sluice.Sdk.Analyzers.Tests;

public sealed class JsonContextAnalyzerTests
{
    private const string Records = """

        public sealed record WeatherConfig(string City, Unit Unit = Unit.Celsius);
        public sealed record WeatherOutput(double Temperature);
        public enum Unit { Celsius, Fahrenheit }

        """;

    private const string Node = """
        using System.Text.Json.Serialization;
        using Sluice.Sdk;
        [Node("weather")]
        public sealed class Weather() : PureNode<WeatherConfig, WeatherOutput>(Json.Default)
        {
            protected override NodeResult<WeatherOutput> Run(WeatherConfig config, CancellationToken cancellationToken) => new WeatherOutput(0);
        }
        """ + Records;

    [Fact]
    public async Task A_context_with_both_types_is_fine()
    {
        using var project = new AuthorProject(Node + """
            [JsonSerializable(typeof(WeatherConfig))]
            [JsonSerializable(typeof(WeatherOutput))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Empty(await project.ErrorsAsync());
    }

    [Fact]
    public async Task A_missing_type_is_an_error_where_the_node_names_it()
    {
        using var project = new AuthorProject(Node + """
            [JsonSerializable(typeof(WeatherConfig))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Equal(["4 SLUICE005: 'Json' does not contain 'WeatherOutput'. Add [JsonSerializable(typeof(WeatherOutput))] to 'Json'."], await project.ErrorsAsync());
        Assert.Equal(["WeatherOutput"], await project.PlacesAsync());
    }

    [Fact]
    public async Task Each_missing_type_is_reported()
    {
        using var project = new AuthorProject(Node + """
            [JsonSerializable(typeof(Unit))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Equal(["WeatherConfig", "WeatherOutput"], await project.PlacesAsync());
    }

    [Fact]
    public async Task A_context_without_any_attribute_is_seen_although_the_generator_skips_it()
    {
        using var project = new AuthorProject(Node + "internal sealed partial class Json : JsonSerializerContext;");

        Assert.Equal(["WeatherConfig", "WeatherOutput"], await project.PlacesAsync());
    }

    [Fact]
    public async Task A_type_that_the_generator_finds_in_another_one_is_not_missing()
    {
        using var project = new AuthorProject("""
            using System.Text.Json.Serialization;
            using Sluice.Sdk;
            [Node("weather")]
            public sealed class Weather() : PureNode<WeatherConfig, Place>(Json.Default)
            {
                protected override NodeResult<Place> Run(WeatherConfig config, CancellationToken cancellationToken) => config.Place;
            }
            public sealed record WeatherConfig(Place Place);
            public sealed record Place(string City);
            [JsonSerializable(typeof(WeatherConfig))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Empty(await project.ErrorsAsync());
    }

    [Fact]
    public async Task A_generic_output_is_reported_by_its_whole_name()
    {
        using var project = new AuthorProject("""
            using System.Text.Json;
            using System.Text.Json.Serialization;
            using Sluice.Sdk;
            [Node("set")]
            public sealed class Set() : PureNode<SetConfig, OrderedDictionary<string, JsonElement>>(Json.Default)
            {
                protected override NodeResult<OrderedDictionary<string, JsonElement>> Run(SetConfig config, CancellationToken cancellationToken) => new OrderedDictionary<string, JsonElement>();
            }
            public sealed record SetConfig(string Name);
            [JsonSerializable(typeof(SetConfig))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Equal(["OrderedDictionary<string, JsonElement>"], await project.PlacesAsync());
    }

    [Fact]
    public async Task Constructors_that_call_their_base_are_seen_and_reported_once()
    {
        using var project = new AuthorProject("""
            using System.Text.Json.Serialization;
            using Sluice.Sdk;
            [Node("weather")]
            public sealed class Weather : Node<WeatherConfig, WeatherOutput>
            {
                public Weather() : base(Json.Default) { }
                internal Weather(int _) : base(json: Json.Default) { }
                protected override ValueTask<NodeResult<WeatherOutput>> RunAsync(WeatherConfig config, NodeContext context, CancellationToken cancellationToken) => default;
            }
            """ + Records + """
            [JsonSerializable(typeof(WeatherOutput))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Equal(["WeatherConfig"], await project.PlacesAsync());
    }

    [Fact]
    public async Task A_base_class_of_the_author_is_reported_where_its_types_and_its_context_are_known()
    {
        using var project = new AuthorProject("""
            using System.Text.Json.Serialization;
            using Sluice.Sdk;
            public abstract class Reading<TConfig>(JsonSerializerContext json) : PureNode<TConfig, WeatherOutput>(json) where TConfig : class
            {
                protected override NodeResult<WeatherOutput> Run(TConfig config, CancellationToken cancellationToken) => new WeatherOutput(0);
            }
            [Node("weather")]
            public sealed class Weather() : Reading<WeatherConfig>(Json.Default);
            """ + Records + """
            [JsonSerializable(typeof(Unit))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Equal(["WeatherConfig", "Reading<WeatherConfig>"], (await project.PlacesAsync()).OrderDescending());
    }

    [Fact]
    public async Task A_class_that_is_no_node_is_left_alone()
    {
        using var project = new AuthorProject("""
            using System.Text.Json.Serialization;
            public class Keeper<T>(JsonSerializerContext json) { public JsonSerializerContext Kept { get; } = json; }
            public sealed class Weather() : Keeper<WeatherConfig>(Json.Default);
            """ + Records + """
            [JsonSerializable(typeof(Unit))]
            internal sealed partial class Json : JsonSerializerContext;
            """);

        Assert.Empty(await project.ErrorsAsync());
    }
}
