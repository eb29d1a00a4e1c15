using CsCheck;
using Sluice.Engine.Definitions;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Tests.Triggers;

public sealed class WebhookRoutesTests
{
    private readonly WebhookRoutes<string> _routes = new();

    [Fact]
    public void A_literal_path_leads_to_its_value()
    {
        Add("a", "/orders/new", "POST");

        Assert.Equal("a", _routes.Match("POST", "/orders/new").Value);
        Assert.Equal("a", _routes.Match("POST", "/orders/new/").Value);
        Assert.Equal("a", _routes.Match("POST", "/orders/n%65w").Value);
        Assert.Null(_routes.Match("POST", "/orders").Value);
        Assert.Null(_routes.Match("POST", "/orders/new/x").Value);
        Assert.Null(_routes.Match("POST", "/Orders/new").Value);
    }

    [Fact]
    public void Parameters_are_decoded_and_named()
    {
        Add("a", "/orders/{id}/lines/{line}", "GET");

        var match = _routes.Match("GET", "/orders/a%20b%C3%A9+c/lines/7%2F8");

        Assert.Equal([new("id", "a bé+c"), new("line", "7/8")], match.Parameters);
    }

    [Theory]
    [InlineData("/orders/..")]
    [InlineData("/orders/%2e%2e")]
    [InlineData("/orders/..%2Fsecret")]
    [InlineData("/orders/a%5c..")]
    [InlineData("/orders/%00")]
    [InlineData("/orders/%0d%0aX")]
    [InlineData("/orders/%")]
    [InlineData("/orders/%4")]
    [InlineData("/orders/%zz")]
    [InlineData("/orders/%+1")]
    [InlineData("/orders/%ff")]
    [InlineData("/orders/%C3")]
    [InlineData("/orders//")]
    [InlineData("//orders/1")]
    [InlineData("/./orders/1")]
    [InlineData("")]
    [InlineData("/")]
    public void A_path_that_could_be_read_in_two_ways_leads_nowhere(string path)
    {
        Add("a", "/orders/{id}", "POST");

        var match = _routes.Match("POST", path);

        Assert.Null(match.Value);
        Assert.True(match.Allowed.IsDefaultOrEmpty);
    }

    [Fact]
    public void Half_a_surrogate_pair_leads_nowhere()
    {
        Add("a", "/orders/{id}", "POST");

        Assert.Null(_routes.Match("POST", $"/orders/{'\ud800'}%41").Value);
    }

    [Fact]
    public void A_known_path_with_another_method_tells_the_methods_it_takes()
    {
        Add("a", "/orders/{id}", "GET", "PUT");
        Add("b", "/orders/new", "POST");

        Assert.Equal(["POST", "GET", "PUT"], _routes.Match("DELETE", "/orders/new").Allowed);
        Assert.Equal(["GET", "PUT"], _routes.Match("get", "/orders/1").Allowed);
    }

    [Fact]
    public void A_word_does_not_hide_a_parameter_with_another_method()
    {
        Add("read", "/orders/{id}", "GET");
        Add("create", "/orders/new", "POST");
        Add("deep", "/orders/new/lines", "GET");

        Assert.Equal("read", _routes.Match("GET", "/orders/new").Value);
        Assert.Equal("create", _routes.Match("POST", "/orders/new").Value);
    }

    [Fact]
    public void An_overlapping_route_is_refused_and_the_first_is_named()
    {
        Add("first", "/orders/{id}", "GET", "POST");

        var conflict = _routes.TryAdd("second", PathPattern.Parse("/orders/new").Pattern!, ["PUT", "POST"], "second");

        Assert.Equal(("first", "POST", "/orders/{id}"), (conflict?.Owner, conflict?.Method, conflict?.Pattern.ToString()));
        Assert.Equal("first", _routes.Match("POST", "/orders/new").Value);
    }

    [Fact]
    public void A_route_that_moves_leaves_its_old_path()
    {
        Add("a", "/old/path", "POST");
        Assert.Null(_routes.TryAdd("a", PathPattern.Parse("/new").Pattern!, ["POST"], "a2"));

        Assert.Null(_routes.Match("POST", "/old/path").Value);
        Assert.Equal("a2", _routes.Match("POST", "/new").Value);
        Add("b", "/old/path", "POST");
    }

    [Fact]
    public void A_removed_route_is_gone_and_its_neighbours_stay()
    {
        Add("a", "/x/y", "POST");
        Add("b", "/x/{z}", "GET");
        Add("c", "/x", "GET");

        Assert.True(_routes.Remove("a"));
        Assert.False(_routes.Remove("a"));

        Assert.Null(_routes.Match("POST", "/x/y").Value);
        Assert.Equal("b", _routes.Match("GET", "/x/y").Value);
        Assert.Equal("c", _routes.Match("GET", "/x").Value);
    }

    [Fact]
    public void Among_ten_thousand_routes_each_is_found_and_a_literal_match_allocates_nothing()
    {
        for (var number = 0; number < 10_000; number++)
        {
            Add($"w{number}", $"/tenant{number % 100}/hook{number}", "POST");
        }

        for (var number = 0; number < 10_000; number++)
        {
            Assert.Equal($"w{number}", _routes.Match("POST", $"/tenant{number % 100}/hook{number}").Value);
        }

        const string path = "/tenant99/hook9999";
        _routes.Match("POST", path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _routes.Match("POST", path);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_trie_agrees_with_comparing_every_pair_of_paths()
    {
        var segment = Gen.Int[0, 2].Select(choice => new[] { "a", "b", "{p}" }[choice]);
        var path = segment.Array[1, 3].Select(parts => "/" + string.Join('/', parts.Select((part, index) => part == "{p}" ? $"{{p{index}}}" : part)));
        path.Array[1, 12].Sample(paths =>
        {
            var routes = new WebhookRoutes<string>();
            var kept = new List<PathPattern>();
            foreach (var (index, text) in paths.Index())
            {
                var pattern = PathPattern.Parse(text).Pattern!;
                var isFree = !kept.Exists(pattern.Overlaps);
                if (routes.TryAdd($"{index}", pattern, ["POST"], pattern.ToString()) is null != isFree)
                {
                    return false;
                }

                if (isFree)
                {
                    kept.Add(pattern);
                }
            }

            return kept.TrueForAll(pattern => routes.Match("POST", Filled(pattern)).Value == pattern.ToString());
        });

        static string Filled(PathPattern pattern) => string.Concat(pattern.Segments.Select(part => part.IsParameter ? "/zzz" : "/" + part.Text));
    }

    private void Add(string owner, string path, params string[] methods) =>
        Assert.Null(_routes.TryAdd(owner, PathPattern.Parse(path).Pattern!, [.. methods], owner));
}
