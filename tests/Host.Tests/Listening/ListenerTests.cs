using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Host.Listening;

namespace Sluice.Host.Tests.Listening;

public sealed class ListenerTests
{
    [Fact]
    public async Task Endpoints_of_the_web_server_s_own_configuration_do_not_replace_the_addresses()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new("Kestrel:Endpoints:Other:Url", "http://127.0.0.2:0")]);
        Listener.Configure(builder.WebHost, "http://127.0.0.1:0", new ConnectionGate(most: 1, slack: 1, TimeProvider.System));
        await using var app = builder.Build();

        await Listener.StartAsync(app, "--urls", TestContext.Current.CancellationToken);

        var address = Assert.Single(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses);
        Assert.StartsWith("http://127.0.0.1:", address, StringComparison.Ordinal);
    }
}
