using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

public sealed class SchemaUnionTests
{
    [Theory]
    [InlineData("""{"means":{"kind":"card","number":"4111","month":3}}""")]
    [InlineData("""{"means":{"number":"4111","kind":"card","month":3}}""")]
    [InlineData("""{"means":{"number":"4111","month":3,"kind":"card"}}""")]
    public async Task The_discriminator_may_stand_anywhere(string config)
    {
        var outcome = await RunAsync(config);

        Assert.Equal("CardMeans { Number = 4111, Month = 3 }", outcome.Output?.GetProperty("taken").GetString());
    }

    [Theory]
    [InlineData("""{"means":{"kind":"cash"}}""", "means.kind: must be one of `card`, `transfer`.")]
    [InlineData("""{"means":{"kind":1}}""", "means.kind: must be one of `card`, `transfer`.")]
    [InlineData("""{"means":{"number":"4111","month":3}}""", "means.kind: is missing. It must be one of `card`, `transfer`.")]
    [InlineData("""{"means":{"month":3,"kind":"card"}}""", "means.number: is missing.")]
    [InlineData("""{"means":{"kind":"card","number":"4111","month":"May"}}""", "means.month: must be a whole number, not a string.")]
    [InlineData("""{"means":{"kind":"transfer","iban":"DE02","next":{"iban":"DE02"}}}""", "means.next.kind: is missing. It must be one of `card`, `transfer`.")]
    [InlineData("""{"means":{"kind":"transfer","iban":"DE02","number":"4111"}}""", "means.number: is not a known field. The fields are: kind, iban, next.")]
    [InlineData("""{"means":{"kind":"transfer","iban":"DE02"},"others":[{}]}""", "others[0].kind: is missing. It must be one of `card`, `transfer`.")]
    [InlineData("""{"means":7}""", "means: must be an object, not a number.")]
    public async Task A_union_is_judged_by_the_form_that_it_names(string config, string message)
    {
        var outcome = await RunAsync(config);

        Assert.Equal(new NodeFailure(FailureKind.Config, message) { ConfigPath = message[..message.IndexOf(':', StringComparison.Ordinal)] }, outcome.Failure);
    }

    [Theory]
    [InlineData("""{"means":{"kind":"card","number":"4111","month":99999999999}}""")]
    [InlineData("""{"means":{"kind":"card","kind":"card","number":"4111","month":3}}""")]
    public async Task What_the_serializer_refuses_is_a_wrong_config_and_names_no_type_of_the_code(string config)
    {
        var failure = (await RunAsync(config)).Failure;

        Assert.Equal(FailureKind.Config, failure?.Kind);
        Assert.DoesNotContain("Means", failure?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", failure?.Message, StringComparison.Ordinal);
    }

    private static Task<NodeOutcome> RunAsync(string config) => new NodeEnvironment().RunAsync(new UnionNode(), config, TestContext.Current.CancellationToken);
}
