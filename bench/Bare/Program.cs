using System.Text.Json;
using Sluice.Bench.Bare;

// The baselines of the load benchmark. "/": Kestrel alone, which parses a JSON body and sends a fixed reply, without logic or storage.
// "/durable": the same, plus one row committed before the reply, in the file given by --file.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
var reply = """{"received":true,"id":"evt_1"}"""u8.ToArray();
var rows = builder.Configuration["file"] is { } file ? new OneRow(file) : null;
app.Run(async http =>
{
    using var body = await JsonDocument.ParseAsync(http.Request.Body);
    if (rows is not null && http.Request.Path == "/durable")
    {
        await rows.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body.RootElement));
    }

    http.Response.ContentType = "application/json";
    http.Response.ContentLength = reply.Length;
    await http.Response.Body.WriteAsync(reply);
});
app.Run();
