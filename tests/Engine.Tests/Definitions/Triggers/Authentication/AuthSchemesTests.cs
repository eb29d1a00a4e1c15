using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Tests.Checking;
using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Definitions.Triggers.Authentication;

/// <summary>An embedder's own scheme is read like those of the host.</summary>
public sealed class AuthSchemesTests
{
    private static readonly AuthSchemes _schemes = new([new Badge()]);

    [Fact]
    public void The_settings_are_what_the_scheme_reads()
    {
        var webhook = Read("auth: { type: badge, secret: \"{{ secrets.api_key }}\" }", out var problems);

        Assert.Empty(problems);
        Assert.Equal("api_key", Assert.Single(webhook!.Auth!.Secrets).Name);
    }

    [Fact]
    public void The_secrets_of_the_settings_are_those_of_the_workflow()
    {
        var text = "name: a\ntrigger: { type: webhook, config: { path: /a, auth: { type: badge, secret: \"{{ secrets.api_key }}\" } } }\n"
            + "steps: [ { key: a, type: set, config: { values: {} } } ]";

        Assert.Equal(["api_key"], TestCatalog.Checker(["api_key"], _schemes).CheckText(text).Compiled!.Secrets);
        Assert.Equal("unknown-secret", Assert.Single(TestCatalog.Checker([], _schemes).CheckText(text).Problems).Rule);
    }

    [Fact]
    public void A_field_that_the_scheme_does_not_have_is_a_problem()
    {
        Read("auth: { type: badge, secret: \"{{ secrets.api_key }}\", colour: red }", out var problems);

        Assert.Equal(("unknown-field", "trigger.config.auth.colour"), (Assert.Single(problems).Rule, problems[0].Path));
    }

    [Fact]
    public void A_type_that_no_scheme_has_is_a_problem_that_lists_them()
    {
        Read("auth: { type: bagde }", out var problems);

        Assert.Equal("There is no authentication 'bagde'. Did you mean 'badge'? Types: none, badge.", Assert.Single(problems).Message);
    }

    [Fact]
    public void The_delivery_key_of_a_scheme_can_be_named()
    {
        var webhook = Read("idempotency: badge", out var problems);

        Assert.Empty(problems);
        Assert.Equal("X-Badge-Scan", Assert.Single(webhook!.Idempotency!.Sources).Header);
    }

    [Fact]
    public void An_engine_without_schemes_has_no_authentication_but_the_standard_delivery_keys()
    {
        Assert.Equal(["idempotency_key", "standard_webhooks"], AuthSchemes.None.DeliveryKeys.Select(key => key.Name));
        Assert.Empty(AuthSchemes.None.All);
    }

    private static WebhookTrigger? Read(string setting, out List<Problem> problems)
    {
        var (definition, shape) = WorkflowReader.Read($"name: a\ntrigger: {{ type: webhook, config: {{ path: /a, {setting} }} }}\nsteps: [ {{ key: a, type: set }} ]");
        problems = [.. shape];
        return TriggerReader.Read(definition!.Trigger, _schemes, problems);
    }

    private sealed class Badge : IAuthScheme
    {
        public string Name => "badge";

        public ImmutableArray<string> Known { get; } = ["secret"];

        public KeySource DeliveryKey { get; } = new("badge", "X-Badge-Scan");

        public WebhookAuth Read(Fields fields) => new BadgeAuth(SecretReader.ReadRequired(fields));
    }

    private sealed record BadgeAuth(ImmutableArray<SecretName> Keys) : WebhookAuth
    {
        public override ImmutableArray<SecretName> Secrets => Keys;
    }
}
