using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage;
using Sluice.Engine.Triggers;
using Sluice.Host.Tests.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Forms with files, and bodies that are no text: what a workflow sees of them.</summary>
public sealed class UploadTests(UploadHost upload) : IClassFixture<UploadHost>
{
    private const string Echo = """  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output }}" } }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_fields_of_a_form_are_its_body_and_its_files_stand_beside_it()
    {
        var name = await upload.PublishAsync(Echo);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("Ada"), "name" },
            { new StringContent("grün"), "colour" },
            { new StringContent("red"), "colour" },
            { File("%PDF-1.7", "application/pdf"), "cv", "cv.pdf" },
            { File("a", "image/png"), "photos", "a.png" },
            { File("bc", "image/png"), "photos", "b.png" },
        };

        var answer = await upload.Host.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = form });

        Assert.Equal(200, answer.Status);
        Assert.Equal("""{"name":"Ada","colour":["grün","red"]}""", answer.Json.GetProperty("body").Compact());
        Assert.Equal(JsonValueKind.Null, answer.Json.GetProperty("raw_body").ValueKind);
        var files = answer.Json.GetProperty("files");
        var cv = files.GetProperty("cv");
        Assert.Equal(("cv.pdf", "application/pdf", 8), (cv.Text("name"), cv.Text("content_type"), cv.GetProperty("size").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("%PDF-1.7"u8)), cv.Text("sha256"));
        Assert.Equal(["a.png", "b.png"], files.GetProperty("photos").EnumerateArray().Select(file => file.Text("name")));
        Assert.Equal("%PDF-1.7", await ContentAsync(answer, cv));
        Assert.Equal("bc", await ContentAsync(answer, files.GetProperty("photos")[1]));
        await upload.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_form_without_files_leaves_nothing_on_the_disk()
    {
        var name = await upload.PublishAsync(Echo);
        using var form = new MultipartFormDataContent { { new StringContent("1"), "a" } };

        var answer = await upload.Host.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = form });

        Assert.Equal("""{"a":"1"}""", answer.Json.GetProperty("body").Compact());
        Assert.Equal("{}", answer.Json.GetProperty("files").Compact());
        Assert.False(Directory.Exists(FolderOf(answer)));
    }

    [Fact]
    public async Task What_the_journal_kept_gives_the_same_trigger_again_after_a_crash()
    {
        var name = await upload.PublishAsync(Echo);
        foreach (var (body, contentType) in new[]
        {
            (Form(("", "name=\"a\"", "1"), ("", "name=\"f\"; filename=\"x.bin\"", "123")), "multipart/form-data; boundary=B"),
            ("\u0001\u0002", "application/octet-stream"),
            ("<a/>", "application/xml"),
        })
        {
            var answer = await upload.PostAsync(name, Encoding.UTF8.GetBytes(body), contentType);
            await upload.Host.EndOfAsync(answer);

            var record = await upload.Host.Get<IStorage>().Runs.FindAsync(Run(answer), Token);
            using var restored = TriggerData.Restore(record!.Header.Envelope, record.Header.Body);

            Assert.Equal(answer.Json.GetProperty("body").Compact(), restored.Body.Compact());
            Assert.Equal(
                answer.Json.TryGetProperty("files", out var files) ? files.Compact() : null,
                restored.Envelope.TryGetProperty("files", out var again) ? again.Compact() : null);
        }
    }

    [Fact]
    public async Task A_binary_body_is_a_file_and_as_base64_where_the_trigger_says_so()
    {
        byte[] bytes = [0x89, 0x50, 0x4E, 0x47, 0, 255];
        var asFile = await upload.PostAsync(await upload.PublishAsync(Echo), bytes, "image/png");
        var asText = await upload.PostAsync(await upload.PublishAsync(Echo, "body: { binary: base64 }"), bytes, "image/png");

        var file = asFile.Json.GetProperty("files").GetProperty("body");
        Assert.Equal(("image/png", null, 6), (file.Text("content_type"), file.GetProperty("name").GetString(), file.GetProperty("size").GetInt32()));
        Assert.Equal(JsonValueKind.Null, asFile.Json.GetProperty("body").ValueKind);
        Assert.Equal(bytes, await System.IO.File.ReadAllBytesAsync(PathOf(asFile, file), Token));
        Assert.Equal(Convert.ToBase64String(bytes), asText.Json.Text("body"));
        Assert.False(asText.Json.TryGetProperty("files", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_upload_passes_through_the_disk_and_nothing_of_it_stays_but_the_file(bool isChunked)
    {
        var name = await upload.PublishAsync(Echo);
        var content = new byte[2_000_000];
        new Random(7).NextBytes(content);
        byte[] body = [.. Head("name=\"f\"; filename=\"large.bin\""), .. content, .. "\r\n--B--\r\n"u8];

        var answer = await upload.PostAsync(name, body, "multipart/form-data; boundary=B", isChunked: isChunked);

        var file = answer.Json.GetProperty("files").GetProperty("f");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), file.Text("sha256"));
        Assert.Equal(content, await System.IO.File.ReadAllBytesAsync(PathOf(answer, file), Token));
        await upload.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_signature_is_of_the_bytes_on_the_wire_of_a_large_form_too()
    {
        var name = await upload.PublishAsync(Echo, "auth: { type: hmac, header: x-signature, secret: \"{{ secrets.payments_key }}\" }");
        byte[] body = [.. Head("name=\"f\"; filename=\"large.bin\""), .. new byte[2_000_000], .. "\r\n--B--\r\n"u8];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData("whsec_example"u8, body));
        async Task<Received> SendAsync(byte[] bytes)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new ByteArrayContent(bytes) };
            request.Headers.Add("x-signature", signature);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=B");
            return await upload.Host.SendAsync(request);
        }

        Assert.Equal(2_000_000, (await SendAsync(body)).Json.GetProperty("files").GetProperty("f").GetProperty("size").GetInt32());
        body[1_000_000] ^= 1;
        (await SendAsync(body)).IsProblem(401, "unauthorized", hasRun: false);
        await upload.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, br")]
    public async Task A_coded_body_is_read_as_what_was_coded(string encoding)
    {
        var name = await upload.PublishAsync(Echo);
        byte[] Coded(string text) => encoding.Split(", ").Aggregate(Encoding.UTF8.GetBytes(text), (bytes, coding) => ContentCodingsTests.Coded(coding, bytes));

        var json = await upload.PostAsync(name, Coded("""{"a":[1,2]}"""), "application/json", encoding);
        var form = await upload.PostAsync(name, Coded(Form(("", "name=\"f\"; filename=\"x\"", "abc"))), "multipart/form-data; boundary=B", encoding);

        Assert.Equal(("""{"a":[1,2]}""", """{"a":[1,2]}"""), (json.Json.GetProperty("body").Compact(), json.Json.Text("raw_body")));
        Assert.Equal(3, form.Json.GetProperty("files").GetProperty("f").GetProperty("size").GetInt32());
        await upload.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_trigger_takes_only_the_content_types_that_it_lists()
    {
        var name = await upload.PublishAsync(Echo, "body: { accept: [application/json, \"image/*\"] }");

        Assert.Equal(200, (await upload.PostAsync(name, "{}"u8.ToArray(), "Application/JSON; charset=utf-8")).Status);
        Assert.Equal(200, (await upload.PostAsync(name, [1], "image/webp")).Status);
        Assert.Equal(200, (await upload.PostAsync(name, [], null)).Status);
        foreach (var contentType in new[] { "text/plain", "application/jsonx", "imagex/png", null })
        {
            var refused = await upload.PostAsync(name, "{}"u8.ToArray(), contentType);
            refused.IsProblem(415, "unsupported-type", hasRun: false);
            Assert.Equal("application/json, image/*", refused.Header("Accept"));
        }
    }

    [Fact]
    public async Task A_trigger_may_take_less_than_the_host()
    {
        var name = await upload.PublishAsync(Echo, "body: { max_bytes: 10 }");

        Assert.Equal(200, (await upload.PostAsync(name, "\"12345678\""u8.ToArray(), "application/json")).Status);
        (await upload.PostAsync(name, "\"123456789\""u8.ToArray(), "application/json")).IsProblem(413, "too-large", hasRun: false);
        (await upload.PostAsync(name, ContentCodingsTests.Coded("br", new byte[11]), "text/plain", "br")).IsProblem(413, "too-large", hasRun: false);
        (await upload.PostAsync(name, new byte[11], "image/png", isChunked: true)).IsProblem(413, "too-large", hasRun: false);
    }

    private static MultipartContentPart File(string content, string type) => new(content, type);

    private sealed class MultipartContentPart : StringContent
    {
        public MultipartContentPart(string content, string type)
            : base(content) => Headers.ContentType = new(type);
    }

    internal static string Form(params (string Headers, string Disposition, string Content)[] parts) =>
        string.Concat(parts.Select(part => $"--B\r\nContent-Disposition: form-data; {part.Disposition}\r\n{part.Headers}\r\n{part.Content}\r\n")) + "--B--\r\n";

    internal static byte[] Head(string disposition) => Encoding.UTF8.GetBytes($"--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");

    private static RunId Run(Received answer) => RunId.TryParse(answer.RunId, out var run) ? run : throw new InvalidOperationException(answer.Body);

    private string FolderOf(Received answer) => Path.Combine(upload.Folder.Data, "blobs", answer.RunId!);

    private string PathOf(Received answer, JsonElement file) => Path.Combine(FolderOf(answer), file.Text("blob")!);

    private Task<string> ContentAsync(Received answer, JsonElement file) => System.IO.File.ReadAllTextAsync(PathOf(answer, file), Token);
}
