using System.Collections.Immutable;
using System.Globalization;
using CsCheck;

namespace Sluice.Host.Tests.Webhooks.Fuzz;

/// <summary>What a connection can carry that means harm, or was never HTTP. All text is bytes (Latin-1).</summary>
internal static class HostileRequests
{
    /// <summary>A request that nothing is wrong with.</summary>
    public const string Valid = "POST /hooks/plain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"id\":1}";

    private static readonly Gen<string> Method = Gen.Frequency(
        (12, Gen.Const("POST")),
        (4, Gen.OneOf("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")),
        (1, Gen.OneOf("TRACE", "CONNECT", "post", "", "P\0ST", "PO ST", "POST\t", "\u00ff", "PRI", "M-SEARCH", new string('M', 9000))));

    private static readonly Gen<string> Target = Gen.Frequency(
        (12, Gen.OneOf("/hooks/plain", "/hooks/ack", "/hooks/checked", "/hooks/signed", "/hooks/files/a", "/hooks/plain?a=1&b=2")),
        (4, Gen.OneOf(
            "/hooks/files/%2e%2e", "/hooks/files/..%2f..", "/hooks/files/%00", "/hooks/files/%", "/hooks/files/%c3%28", "/hooks/files/%u0041",
            "/hooks/files/%0d%0aX", "/hooks/files/../plain", "/hooks//plain", "/%68ooks/plain",
            "/hooks/files/\u00ff", "/hooks/plain?%", "/hooks/plain?a=%ff&a=%00&=&&", "/hooks/plain?a[]=1;b", "/hooks/plain#fragment", "/hooks", "/hooks/",
            "/HOOKS/plain", "/hooks/none", "/hooks\\plain", "/hooks/plain\0", "/hooks/plain%20", "/hooks/plain/")),
        (2, Gen.OneOf(
            "http://localhost/hooks/plain", "http://other.example:99/hooks/plain?x", "http:///hooks/plain", "https://localhost/hooks/plain",
            "http://[::1]/hooks/plain", "http://a@b/hooks/plain", "http://localhost", "ftp://x/hooks/plain", "urn:x",
            "localhost:80", "localhost", "*", "", "hooks/plain", "//hooks/plain", "/../hooks/plain", "http://%/hooks/plain", "http://localhost/%68ooks/plain",
            "http://localhost/hooks", "http://localhost?hooks", "/%", "/api/runs", "/metrics", "/runs/1?token=\0", "/%2fhooks")),
        (1, Gen.Int[1, 9000].Select(length => $"/hooks/files/{new string('a', length)}")),
        (1, Gen.Int[1, 2000].Select(count => $"/hooks/plain?{string.Join('&', Enumerable.Range(0, count).Select(index => "a"))}")));

    private static readonly Gen<string> Version = Gen.Frequency((24, Gen.Const(" HTTP/1.1")), (2, Gen.Const(" HTTP/1.0")), (1, Gen.OneOf(" HTTP/2.0",
        " HTTP/9.9", "", " ", " http/1.1", " HTTP/1.1 x", "  HTTP/1.1", " HTTP/1.10", " HTTP/1", " \0")));

    private static readonly Gen<string> Host = Gen.Frequency((24, Gen.Const("Host: localhost\r\n")), (1, Gen.OneOf("", "Host:\r\n", "Host: a\r\nHost: b\r\n",
        "Host: \u00ff\r\n", "Host: a:99999\r\n", "Host: /\r\n", "Host : a\r\n", "Host: [::1\r\n")));

    private static readonly Gen<string> Header = Gen.Frequency(
        (6, Gen.OneOf(
            "X-Event: payment\r\n", "Accept: */*\r\n", "Connection: close\r\n", "Connection: keep-alive\r\n", "Expect: 100-continue\r\n",
            "Idempotency-Key: \"k\"\r\n", "Prefer: respond-async\r\n", "Prefer: wait=0\r\n", "Origin: null\r\n",
            "Authorization: Bearer x.y.z\r\n", "X-Hub-Signature-256: sha256=00\r\n", "webhook-id: w\r\n", "X-Forwarded-For: 1.2.3.4\r\n")),
        (4, Gen.OneOf(
            "Expect: nothing\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n", "Connection: content-length\r\n", "Connection: \u00ff\r\n",
            "Idempotency-Key: \"\r\n",
            "Idempotency-Key: \u00ff\r\n", "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", "Prefer: wait=99999999999999999999\r\n",
            "Prefer: wait=-1, wait=\"\r\n", "Prefer: ;;;=,,\r\n", "Origin: \0\r\n", "Authorization: \r\n", "Authorization: Basic \u00ff\r\n",
            "X-Hub-Signature-256: sha256=\u00ff\r\n", "X-Forwarded-For: [::1, ,\0\r\n", "X-Forwarded-Proto: \u00e4\r\n",
            "Access-Control-Request-Method: \u00ff\r\n", "Cookie: a=\u00ff; ;=;\r\n", "Range: bytes=0-\r\n", "TE: trailers\r\n", "Trailer: X\r\n")),
        (2, Gen.OneOf(
            "Bad Name: a\r\n", ": a\r\n", "X\r\n", "X-Nul: a\0b\r\n", "X-Cr: a\rb\r\n", "X-Lf: a\nY: b\r\n", " folded: a\r\n", "X-Fold: a\r\n b\r\n",
            "X-\u00ff: a\r\n", "X-Latin: \u00e9\u00ff\r\n", "X-Utf8: \u00c3\u00a9\r\n", "X:\r\n", "\0: a\r\n", "X-Tab:\ta\t\r\n", "__proto__: a\r\n")),
        (1, Gen.Int[1, 40_000].Select(length => $"X-Long: {new string('x', length)}\r\n")),
        (1, Gen.Int[1, 200].Select(count => string.Concat(Enumerable.Range(0, count).Select(index => $"X-{index}: y\r\n")))));

    private static readonly Gen<string> WrongLength = Gen.OneOf(
        "-1", "99999999999999999999", "9223372036854775807", "18446744073709551616", "1000000", "0", "", "a", "+5", "0x5", "5 5", "5,5", "5, 6", "1.0", " 5",
        "5\0", "\u00b2", "00000000000000000000000005");

    private static readonly Gen<string> WrongTransfer = Gen.OneOf(
        "chunked, chunked", "gzip, chunked", "chunked, gzip", "identity", "chunked;q=1", "xchunked", "", "Chunked", "\"chunked\"", "chunked\0", "chunked,",
        "\u000bchunked");

    private static readonly Gen<string> ChunkSize = Gen.OneOf("zz", "-1", "+1", "0x1", "", " ", "ffffffffffffffffff", "7fffffff", "80000000", "1_0", "1 1",
        new string('0', 5000) + "1", "\u00ff", "\0");

    private static readonly Gen<string> ChunkExtension = Gen.OneOf("", "", "", ";a=b", ";", ";a=\"\r\n\"", ";\u00ff\0", " ;a", $";{new string('x', 5000)}", "\n");

    private static readonly Gen<string> Trailer = Gen.OneOf("\r\n", "\r\n", "\r\n", "", "X: y\r\n\r\n", "Content-Length: 5\r\n\r\n", "Bad Name: a\r\n\r\n",
        "\u00ff\r\n\r\n", "X: y", $"X: {new string('y', 40_000)}\r\n\r\n", "\n");

    private static readonly Gen<string> Request = Gen.Select(
        Gen.Select(Method, Target, Version, (method, target, version) => $"{method} {target}{version}\r\n"),
        Gen.Select(Host, Header.Array[0, 3], (host, headers) => host + string.Concat(headers)),
        HostileBodies.All.SelectMany(body => Framed(body.Body).Select(framed => (body.Headers + framed.Headers, framed.Body))),
        (line, headers, content) => $"{line}{headers}{content.Item1}\r\n{content.Body}");

    private static readonly Gen<string> Noise = Gen.Frequency(
        (1, Gen.Char['\0', '\u00ff'].Array[1, 200].Select(bytes => new string(bytes))),
        (1, Gen.OneOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "\u0016\u0003\u0001\0\u00a5\u0001\0\0\u00a1\u0003\u0003", "\r\n\r\n\r\n", "\n",
            "\0", "GET", "GET /hooks/plain\r\n", "SSH-2.0-x\r\n", new string('\r', 5000), new string('A', 70_000))));

    // One request of five is damaged somewhere after it was made: a byte more, a byte less, a byte changed, a piece twice, the end missing.
    private static readonly Gen<string> Damaged = Gen.Select(
        Request, Gen.Int[0, 24], Gen.Double[0, 1], Gen.Char['\0', '\u00ff'],
        (request, damage, where, character) =>
        {
            var at = (int)(where * (request.Length - 1));
            return damage switch
            {
                0 => request.Insert(at, character.ToString()),
                1 => request.Remove(at, 1),
                2 => $"{request[..at]}{character}{request[(at + 1)..]}",
                3 => request.Insert(at, request[at..Math.Min(request.Length, at + 20)]),
                4 => request[..at],
                _ => request,
            };
        });

    private static readonly Gen<string> Messages = Gen.Frequency(
        (10, Damaged),
        (3, Damaged.Select(request => request + Valid)),
        (3, Damaged.Select(request => Valid + request)),
        (1, Gen.Select(Damaged, Damaged, (first, second) => first + second)),
        (1, Gen.Int[2, 20].Select(count => string.Concat(Enumerable.Repeat(Valid, count)))),
        (1, Noise),
        (1, Noise.Select(noise => noise + Valid)));

    /// <summary>What a connection carries, cut into what is written at once.</summary>
    /// <param name="patient">Whether some callers wait until the host has had enough of them, which takes as long as the web server's own limits.</param>
    public static Gen<Exchange> All(bool patient) => Gen.Frequency((15, Any(patient)), (1, Smuggled));

    private static Gen<Exchange> Any(bool patient) => Gen.Select(
        Messages,
        Gen.Frequency((3, Gen.Const(Array.Empty<double>())), (1, Gen.Double[0, 1].Array[1, 4])),
        Gen.Frequency((12, Gen.Const(Ending.Stay)), (3, Gen.Const(Ending.HalfClose)), (2, Gen.Const(Ending.HangUp)), (patient ? 1 : 0, Gen.Const(Ending.Wait))),
        (message, cuts, ending) => new Exchange(Cut(message, cuts), ending == Ending.Wait && !EndsSoon(message) ? Ending.Stay : ending));

    // What two parties read differently, and behind it a request that must never be read.
    private static readonly Gen<Exchange> Smuggled = Gen.Select(
        Gen.Select(Gen.OneOf("POST", "GET", "PUT"), Gen.OneOf("/hooks/plain", "/hooks/ack", "/hooks/none", "/healthz"), (method, target) => $"{method} {target}"),
        Gen.OneOf(
            " HTTP/1.1\r\nContent-Length: +8\r\n", " HTTP/1.1\r\nContent-Length: 8\r\nContent-Length: +8\r\n", " HTTP/1.1\r\nContent-Length: 8\n",
            " HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n", " HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n",
            " HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", " HTTP/1.1\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
            " HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n", " HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n",
            " HTTP/1.1\nContent-Length: 8\r\n", " HTTP/1.1\r\nX: y\nContent-Length: 8\r\n", " HTTP/1.1\r\nContent-Length: 8\r\n\n",
            " HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"),
        Gen.OneOf("8\r\n{\"id\":1}\r\n0\r\n\r\n", "{\"id\":1}", "0\r\n\r\n"),
        Gen.Double[0, 1].Array[0, 3],
        Gen.OneOf(Ending.Stay, Ending.HalfClose),
        (line, framing, body, cuts, ending) => new Exchange(Cut($"{line}{framing}Host: localhost\r\n\r\n{body}{Valid}", cuts), ending) { IsAmbiguous = true });

    // A connection that has carried nothing but empty lines is an idle one, and may be open for as long as any. A body that stops coming is given up once its
    // rate, over all of its time, is below 240 bytes a second: of a long one that takes minutes.
    private static bool EndsSoon(string message) => message.Length < 5000 && !message.AsSpan().Trim("\r\n").IsEmpty;

    private static Gen<(string Headers, string Body)> Framed(string body) => Gen.Frequency(
        (20, Gen.Const((Length(body.Length), body))),
        (1, Gen.Int[1, 20].Select(more => (Length(body.Length + more), body))),
        (1, Gen.Int[1, 20].Select(less => (Length(Math.Max(0, body.Length - less)), body))),
        (1, WrongLength.Select(length => ($"Content-Length: {length}\r\n", body))),
        (1, Gen.Const(("", body))),
        (1, WrongLength.Select(length => ($"{Length(body.Length)}Content-Length: {length}\r\n", body))),
        (1, Gen.Const((Length(body.Length) + Length(body.Length), body))),
        (1, Gen.Const(($"{Length(body.Length)}Transfer-Encoding: chunked\r\n", Chunk(body, "", "\r\n", "\r\n")))),
        (1, WrongTransfer.Select(transfer => ($"Transfer-Encoding: {transfer}\r\n", Chunk(body, "", "\r\n", "\r\n")))),
        (5, Gen.Select(ChunkExtension, Gen.Frequency((8, Gen.Const("\r\n")), (1, Gen.OneOf("", "\n", "\r", "xx"))), Trailer,
            (extension, end, trailer) => ("Transfer-Encoding: chunked\r\n", Chunk(body, extension, end, trailer)))),
        (1, ChunkSize.Select(size => ("Transfer-Encoding: chunked\r\n", $"{size}\r\n{body}\r\n0\r\n\r\n"))));

    private static string Length(int length) => $"Content-Length: {length.ToString(CultureInfo.InvariantCulture)}\r\n";

    private static string Chunk(string body, string extension, string end, string trailer) =>
        string.Concat(body.Chunk(1000).Select(piece => $"{piece.Length:x}{extension}\r\n{new string(piece)}{end}")) + $"0{extension}\r\n{trailer}";

    private static ImmutableArray<string> Cut(string message, double[] cuts)
    {
        var at = cuts.Select(cut => (int)(cut * message.Length)).Append(0).Append(message.Length).Distinct().Order().ToArray();
        return [.. at.Zip(at.Skip(1), (from, to) => message[from..to])];
    }
}
