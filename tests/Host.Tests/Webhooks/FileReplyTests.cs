using System.Text;
using System.Text.Json;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Replies that send a file of their run, and what else a reply may be beside JSON and text.</summary>
public sealed class FileReplyTests(UploadHost upload) : IClassFixture<UploadHost>
{
    private const string SendBack = """
          - key: answer
            type: webhook_response
            config: { body_type: blob, body: "{{ trigger.output.files.f }}", content_type: "{{ trigger.output.files.f.content_type }}", download: "{{ trigger.output.files.f.name }}" }
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(2_000_000)]
    public async Task A_file_is_sent_back_as_it_came(int length)
    {
        var name = await upload.PublishAsync(SendBack, "methods: [POST, HEAD]");
        var content = string.Concat(Enumerable.Range(0, length).Select(index => (char)('a' + (index % 26))));
        var body = Encoding.UTF8.GetBytes(UploadTests.Form(("Content-Type: text/csv\r\n", "name=\"f\"; filename=\"größe.csv\"", content)));

        var answer = await upload.PostAsync(name, body, "multipart/form-data; boundary=B");

        Assert.Equal((200, content, "text/csv"), (answer.Status, answer.Body, answer.Header("Content-Type")));
        Assert.Equal($"{length}", answer.Header("Content-Length"));
        Assert.Equal("attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv", answer.Header("Content-Disposition"));
        var run = await upload.Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.Status());
    }

    [Fact]
    public async Task Head_has_the_headers_of_the_file_and_no_body()
    {
        var name = await upload.PublishAsync(SendBack, "methods: [HEAD]");
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/hooks/{name}")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(UploadTests.Form(("Content-Type: text/csv\r\n", "name=\"f\"; filename=\"a.csv\"", "12345")))),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=B");

        var answer = await upload.Host.SendAsync(request);

        Assert.Equal((200, "", "5", "text/csv"), (answer.Status, answer.Body, answer.Header("Content-Length"), answer.Header("Content-Type")));
    }

    [Fact]
    public async Task What_a_caller_says_of_a_file_is_not_the_type_that_it_is_sent_as()
    {
        var name = await upload.PublishAsync("""  - { key: answer, type: webhook_response, config: { body_type: blob, body: "{{ trigger.output.files.f }}" } }""");
        var body = Encoding.UTF8.GetBytes(UploadTests.Form(("Content-Type: text/html\r\n", "name=\"f\"; filename=\"a.html\"", "<script>")));

        Assert.Equal("application/octet-stream", (await upload.PostAsync(name, body, "multipart/form-data; boundary=B")).Header("Content-Type"));
    }

    [Fact]
    public async Task No_body_that_a_caller_writes_can_name_a_file_of_another_run_or_of_the_host()
    {
        var name = await upload.PublishAsync("""
              - { key: answer, type: webhook_response, when: "{{ trigger.output.body.file != null }}", config: { body_type: blob, body: "{{ trigger.output.body.file }}" } }
              - { key: shown, type: webhook_response, when: "{{ trigger.output.body.file == null }}", config: { body: "{{ trigger.output.files.f }}" } }
            """);
        var kept = await upload.PostAsync(name, Encoding.UTF8.GetBytes(UploadTests.Form(("", "name=\"f\"; filename=\"a\"", "secret"))), "multipart/form-data; boundary=B");
        var theirs = kept.Json.Text("blob");

        foreach (var forged in new object[] { theirs!, new { blob = theirs }, $"../{kept.RunId}/{theirs}", "../../sluice.db", "/etc/passwd", "" })
        {
            var answer = await upload.PostAsync(name, JsonSerializer.SerializeToUtf8Bytes(new { file = forged }), "application/json");

            answer.IsProblem(422, "unusable-request", hasRun: true);
            var error = (await upload.Host.EndOfAsync(answer)).Step("answer").GetProperty("error");
            Assert.Contains("has no such file", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_repeat_gets_the_file_again_and_is_told_once_it_is_gone()
    {
        var name = await upload.PublishAsync(SendBack);
        var body = Encoding.UTF8.GetBytes(UploadTests.Form(("Content-Type: text/csv\r\n", "name=\"f\"; filename=\"a.csv\"", "a;b")));
        async Task<Received> SendAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new ByteArrayContent(body) };
            request.Headers.Add("Idempotency-Key", "\"one\"");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=B");
            return await upload.Host.SendAsync(request);
        }

        var first = await SendAsync();
        var again = await SendAsync();

        Assert.Equal((200, "a;b", first.RunId), (again.Status, again.Body, again.RunId));
        Assert.Equal((first.Header("Content-Disposition"), "true"), (again.Header("Content-Disposition"), again.Header("Idempotent-Replayed")));
        Directory.Delete(Path.Combine(upload.Folder.Data, "blobs", first.RunId!), recursive: true);
        (await SendAsync()).IsProblem(500, "file-gone", hasRun: true);
        Assert.Equal(1, await upload.Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_redirect_and_cookies_reach_the_caller_as_they_are()
    {
        var name = await upload.PublishAsync("""
              - key: answer
                type: webhook_response
                config:
                  status: 303
                  redirect: "/thanks?id={{ trigger.output.body.id }}"
                  cookies: [{ name: a, value: "1" }, { name: b, value: "n{{ trigger.output.body.id }}", max_age: 1h }]
            """);

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new StringContent("""{"id":42}""", Encoding.UTF8, "application/json") };
        using var response = await upload.Host.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((303, "/thanks?id=42"), ((int)response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.Equal(
            ["a=1; Path=/; Secure; HttpOnly; SameSite=Lax", "b=n42; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"],
            response.Headers.GetValues("Set-Cookie"));
    }

    [Theory]
    [InlineData("redirect", "\"/a\\r\\nX-Forged: yes\"")]
    [InlineData("redirect", "\"javascript:alert(1)\"")]
    [InlineData("cookie", "\"1\\r\\nX-Forged: yes\"")]
    [InlineData("cookie", "\"1; Domain=evil.example\"")]
    [InlineData("file", "\"a\\r\\nX-Forged: yes\"")]
    public async Task What_a_caller_sends_can_forge_nothing_in_a_redirect_a_cookie_or_a_file_name(string field, string value)
    {
        var config = field switch
        {
            "redirect" => "redirect: \"{{ trigger.output.body }}\"",
            "cookie" => "cookies: [{ name: a, value: \"{{ trigger.output.body }}\" }]",
            _ => "body: x, download: \"{{ trigger.output.body }}\"",
        };
        var name = await upload.PublishAsync($"  - {{ key: answer, type: webhook_response, config: {{ {config} }} }}");

        var answer = await upload.PostAsync(name, Encoding.UTF8.GetBytes(value), "application/json");

        answer.IsProblem(422, "unusable-request", hasRun: true);
        Assert.DoesNotContain(answer.Headers.Keys, header => header is "X-Forged" or "Location" or "Set-Cookie" or "Content-Disposition");
    }
}
