using System.Globalization;
using System.Text;
using Sluice.Host.Tests.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Uploads that mean harm: each gets a 4xx, starts no run and leaves no file.</summary>
public sealed class HostileUploadTests(UploadHost upload) : IClassFixture<UploadHost>
{
    private const string Echo = """  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output }}" } }""";
    private const string Type = "multipart/form-data; boundary=B";

    private static readonly string[] Codings = ["gzip", "deflate", "br"];

    [Theory]
    [InlineData("")]
    [InlineData("B")]
    [InlineData("--B")]
    [InlineData("--B\r\n")]
    [InlineData("--B\r\n\r\n")]
    [InlineData("--B\r\n\r\n\r\n--B--")]
    [InlineData("--C\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--C--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nhalf of a file")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\na\r\n--B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"g\"\r\n\r\nb")]
    [InlineData("--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=a; NAME=a\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"; filename=\"b\"\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: attachment; name=\"a\"; filename=\"a\"\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Type: text/plain\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\r\nX-Forged: yes\"\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\nno header\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=klingon\r\n\r\n1\r\n--B--")]
    [InlineData("--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n1\r\n--B--")]
    public async Task A_form_that_is_none_is_refused(string body)
    {
        var name = await upload.PublishAsync(Echo);

        var answer = await upload.PostAsync(name, Encoding.UTF8.GetBytes(body), Type);

        if (body.Length == 0)
        {
            Assert.Equal(200, answer.Status);
            return;
        }

        await RefusedAsync(name, answer, 400, "not-parsable");
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    [InlineData("multipart/form-data; boundary=B; boundary=C")]
    [InlineData("multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x")]
    public async Task A_form_without_a_boundary_that_is_one_is_refused(string contentType)
    {
        var name = await upload.PublishAsync(Echo);

        await RefusedAsync(name, await upload.PostAsync(name, "--B--"u8.ToArray(), contentType), 400, "not-parsable");
    }

    [Fact]
    public async Task A_text_field_that_is_no_text_is_refused()
    {
        var name = await upload.PublishAsync(Echo);
        byte[] body = [.. UploadTests.Head("name=\"a\""), 0xC3, 0x28, .. "\r\n--B--"u8];

        await RefusedAsync(name, await upload.PostAsync(name, body, Type), 400, "not-parsable");
    }

    [Fact]
    public async Task More_parts_than_may_be_are_refused()
    {
        var name = await upload.PublishAsync(Echo);
        var parts = Enumerable.Range(0, 10_000).Select(number => ("", $"name=\"f{number}\"; filename=\"f\"", "x")).ToArray();

        await RefusedAsync(name, await upload.PostAsync(name, Encoding.UTF8.GetBytes(UploadTests.Form(parts)), Type), 413, "too-large");
    }

    [Theory]
    [InlineData(17, 10)]
    [InlineData(1, 20_000)]
    public async Task More_headers_of_a_part_than_may_be_are_refused(int count, int length)
    {
        var name = await upload.PublishAsync(Echo);
        var headers = string.Concat(Enumerable.Range(0, count).Select(number => $"X-{number}: {new string('x', length)}\r\n"));

        await RefusedAsync(name, await upload.PostAsync(name, Encoding.UTF8.GetBytes(UploadTests.Form((headers, "name=\"a\"", "1"))), Type), 400, "not-parsable");
    }

    [Fact]
    public async Task A_name_of_a_field_beyond_its_bound_is_refused()
    {
        var name = await upload.PublishAsync(Echo);

        await RefusedAsync(
            name, await upload.PostAsync(name, Encoding.UTF8.GetBytes(UploadTests.Form(("", $"name=\"{new string('x', 1025)}\"", "1"))), Type), 400, "not-parsable");
    }

    [Theory]
    [InlineData("name=\"a\"", UploadHost.MaxBody + 1)]
    [InlineData("name=\"a\"; filename=\"a\"", UploadHost.MaxFile + 1)]
    [InlineData("name=\"a\"; filename=\"a\"", UploadHost.MaxUpload)]
    public async Task A_field_a_file_or_a_form_beyond_its_bound_is_refused(string disposition, int length)
    {
        var name = await upload.PublishAsync(Echo);
        byte[] body = [.. UploadTests.Head(disposition), .. new byte[length], .. "\r\n--B--"u8];

        await RefusedAsync(name, await upload.PostAsync(name, body, Type), 413, "too-large");
    }

    [Fact]
    public async Task An_endless_form_is_refused_once_it_is_too_large()
    {
        var name = await upload.PublishAsync(Echo);
        var head = Encoding.Latin1.GetString(UploadTests.Head("name=\"a\"; filename=\"a\""));
        var chunk = string.Create(CultureInfo.InvariantCulture, $"{1_000_000:x}\r\n{new string('x', 1_000_000)}\r\n");

        var answer = await upload.Host.SendRawAsync(
            $"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {Type}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + $"{head.Length:x}\r\n{head}\r\n{chunk}{chunk}{chunk}{chunk}");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Equal(0, await upload.Host.CountRunsAsync(name));
        await upload.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_form_that_breaks_off_leaves_nothing()
    {
        var name = await upload.PublishAsync(Echo);
        var head = Encoding.Latin1.GetString(UploadTests.Head("name=\"a\"; filename=\"a\""));

        await upload.Host.SendRawAsync(
            $"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {Type}\r\nContent-Length: 2500000\r\nConnection: close\r\n\r\n{head}{new string('x', 2_000_000)}",
            hangUp: true);

        Assert.Equal(0, await upload.Host.CountRunsAsync(name));
        await upload.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData("../../../etc/passwd", "passwd")]
    [InlineData("/etc/shadow", "shadow")]
    [InlineData("..\\\\..\\\\a.dll", "a.dll")]
    [InlineData("a\0b", "ab")]
    public async Task A_file_name_is_never_a_path(string fileName, string shown)
    {
        var name = await upload.PublishAsync(Echo);

        var answer = await upload.PostAsync(name, Encoding.UTF8.GetBytes(UploadTests.Form(("", $"name=\"f\"; filename=\"{fileName}\"", "1"))), Type);

        // A name that no header may hold is a form that is none.
        if (answer.Status == 400)
        {
            Assert.Contains('\0', fileName);
            return;
        }

        Assert.Equal(shown, answer.Json.GetProperty("files").GetProperty("f").Text("name"));
        Assert.All(
            Directory.GetFiles(Path.Combine(upload.Folder.Data, "blobs", answer.RunId!)),
            file => Assert.Matches("^[0-9a-f]{32}$", Path.GetFileName(file)));
    }

    [Fact]
    public async Task A_body_that_bursts_is_refused()
    {
        var name = await upload.PublishAsync(Echo);
        foreach (var coding in Codings)
        {
            var bomb = ContentCodingsTests.Coded(coding, new byte[100_000_000]);
            await RefusedAsync(name, await upload.PostAsync(name, bomb.Length > UploadHost.MaxBody ? ContentCodingsTests.Coded(coding, bomb) : bomb, "application/json",
                bomb.Length > UploadHost.MaxBody ? $"{coding}, {coding}" : coding), 413, "too-large");
            await RefusedAsync(name, await upload.PostAsync(name, bomb, Type, coding), 413, "too-large");
            await RefusedAsync(name, await upload.PostAsync(name, bomb, "image/png", coding), 413, "too-large");
        }
    }

    [Fact]
    public async Task What_json_says_of_files_is_data_and_no_file()
    {
        var name = await upload.PublishAsync(Echo);
        var forged = """{"files":{"body":{"blob":"0123456789abcdef0123456789abcdef"}},"trigger":{"output":{"files":{"a":1}}}}""";

        var answer = await upload.PostAsync(name, Encoding.UTF8.GetBytes(forged), "application/json");

        Assert.False(answer.Json.TryGetProperty("files", out _));
        Assert.Equal(forged, answer.Json.GetProperty("body").Compact());
    }

    private async Task RefusedAsync(string name, Received answer, int status, string type)
    {
        answer.IsProblem(status, type, hasRun: false);
        Assert.Equal(0, await upload.Host.CountRunsAsync(name));
        await upload.NothingIsLeftAsync();
    }
}
