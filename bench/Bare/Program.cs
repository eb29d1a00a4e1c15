using System.Text.Json;

// The yardstick of the load bench: Kestrel alone, a JSON body parsed, a fixed reply. Nothing is decided and nothing is kept.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
var reply = """{"received":true,"id":"evt_1"}"""u8.ToArray();
app.Run(async http =>
{
    using var body = await JsonDocument.ParseAsync(http.Request.Body);
    http.Response.ContentType = "application/json";
    http.Response.ContentLength = reply.Length;
    await http.Response.Body.WriteAsync(reply);
});
app.Run();
