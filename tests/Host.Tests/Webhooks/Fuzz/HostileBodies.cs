using System.IO.Compression;
using System.Text;
using CsCheck;

namespace Sluice.Host.Tests.Webhooks.Fuzz;

/// <summary>Bodies, with the headers that say what they are, as often a lie as not. All text is bytes (Latin-1).</summary>
internal static class HostileBodies
{
    private static readonly Gen<string> RandomBytes = Gen.Char['\0', '\u00ff'].Array[0, 64].Select(bytes => new string(bytes));

    private static readonly Gen<string> Json = Gen.Frequency(
        (6, Gen.OneOf("{}", "[]", "null", "0", "\"a\"", "{\"id\":1,\"amount\":12.50}", "{\"a\":{\"b\":[1,2,{\"c\":null}]}}", " \t{\"x\":true}\r\n")),
        (3, Gen.OneOf(
            "", "{", "{}}", "[1,]", "NaN", "-", "1e99999", "123456789012345678901234567890", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "\"\\u0000\"", "{\"\\udfff\":1}",
            "\u00ef\u00bb\u00bf{}", "\0{}", "{}\0", "'a'", "{a:1}", "[1 2]", "// no", "{\"__proto__\":{\"admin\":true},\"constructor\":1}",
            "\u00ff\u00fe{\0}\0", "\"\u00c3(\"")),
        (2, Gen.Int[1, 3000].Select(depth => new string('[', depth) + new string(']', depth))),
        (1, Gen.Int[1, 3000].Select(depth => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth))),
        (1, Gen.Int[1, 3000].Select(depth => new string('[', depth))),
        (1, Gen.Int[1, 60_000].Select(length => $"\"{new string('x', length)}\"")),
        (1, Gen.Int[1, 3000].Select(count => $"{{{string.Join(',', Enumerable.Range(0, count).Select(index => $"\"k{index}\":{index}"))}}}")));

    private static readonly Gen<string> Form = Gen.Frequency(
        (3, Gen.OneOf("a=1&b=2", "a=1&a=2&a=3", "=", "&&&&", "a", "a=%", "a=%zz", "a=%00", "a=%ff", "a=\u00ff", "%61%3D=%26", "a=b=c;d", "a[]=1&a[x]=2",
            "__proto__=1")),
        (1, Gen.Int[1, 5000].Select(count => string.Join('&', Enumerable.Range(0, count).Select(index => $"k{index}=v")))),
        (1, Gen.Int[1, 60_000].Select(length => $"a={new string('b', length)}")));

    private static readonly Gen<string> Plain = Gen.Frequency(
        (1, RandomBytes),
        (1, Gen.OneOf(
            "text", "\u00c3\u00a4", "\u00c3", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080", "+AGE-", "\u001b$B", "<a/>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><a>&b;</a>",
            "<!DOCTYPE l [<!ENTITY l0 \"l\"><!ENTITY l1 \"&l0;&l0;&l0;&l0;\"><!ENTITY l2 \"&l1;&l1;&l1;&l1;\">]><l>&l2;</l>")));

    private static readonly Gen<string> Boundary = Gen.OneOf("b", "-", "--", "x\"y", "b b ", "'()+_,-./:=?", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "",
        new string('b', 70), new string('b', 71), new string('b', 5000));

    private static readonly Gen<string> Disposition = Gen.OneOf(
        "Content-Disposition: form-data; name=\"a\"\r\n", "Content-Disposition: form-data; name=a\r\n", "Content-Disposition: form-data\r\n",
        "Content-Disposition: attachment; name=\"a\"\r\n",
        "Content-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n", "Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\n",
        "Content-Disposition: form-data; name=\"f\"; filename=\"../../../../etc/cron.d/x\"\r\n", "Content-Disposition: form-data; name=\"f\"; filename=\"C:\\\\x\\\\y\"\r\n",
        "Content-Disposition: form-data; name=\"f\"; filename=\"a\0b\"\r\n", "Content-Disposition: form-data; name=\"f\"; filename*=UTF-8''%e2%82%ac%2f..%00\r\n",
        "Content-Disposition: form-data; name=\"f\"; filename*=x'%\r\n", "Content-Disposition: form-data; name=\"\u00ff\"\r\n",
        "Content-Disposition: form-data; name=\"a\r\n", "Content-Disposition\r\n", ": x\r\n",
        "content-disposition: form-data; name=a; name=b\r\nContent-Disposition: form-data; name=c\r\n", $"Content-Disposition: form-data; name=\"{new string('n', 2000)}\"\r\n",
        $"{string.Concat(Enumerable.Range(0, 40).Select(index => $"X-{index}: y\r\n"))}Content-Disposition: form-data; name=\"a\"\r\n", $"X-Long: {new string('x', 20_000)}\r\n", "");

    private static readonly Gen<string> PartHeader = Gen.OneOf(
        "", "", "", "Content-Type: text/plain\r\n", "Content-Type: text/plain; charset=utf-7\r\n", "Content-Type: \0\r\n",
        "Content-Transfer-Encoding: base64\r\n", "Content-Encoding: gzip\r\n", "Content-Length: 9999999\r\n");

    private static readonly Gen<(string Before, string After)> PartSeams = Gen.Frequency(
        (8, Gen.Const(("\r\n", "\r\n"))), (1, Gen.Const(("\n", "\n"))), (1, Gen.Const(("", "\r\n"))), (1, Gen.Const(("\r\n", ""))), (1,
            Gen.Const(("\r\n\r\n\r\n", "\r"))));

    private static readonly Gen<string> Parts = Gen.Frequency((4, Gen.OneOf("", "1", "value", "\r\n", "--", "\r\n--b", "\r\n--b-", "--b--", "\u00ff\0")), (1,
        RandomBytes), (1, Gen.Int[1, 60_000].Select(length => new string('p', length))));

    private static readonly Gen<(string Type, string Body)> Multipart = Gen.Select(
        Boundary,
        Gen.Select(Disposition, PartHeader, PartSeams, Parts, (disposition, header, seams, part) => (Head: disposition + header + seams.Before, Part: part + seams.After)).Array[0, 5],
        Gen.OneOf("--", "--", "--", "--\r\n", "--\r\ntrailing", "-", "", "\r\n", "--\0"),
        Gen.OneOf("", "", "", "preamble\r\n", "\r\n"),
        Gen.OneOf("boundary=", "boundary=", "boundary=", "BOUNDARY=", "boundary", "boundary=\"", "charset=x; boundary=", ""),
        (boundary, parts, end, preamble, parameter) => (
            $"multipart/form-data; {parameter}{boundary}{(parameter.EndsWith('"') ? "\"" : "")}",
            $"{preamble}{string.Concat(parts.Select(part => $"--{boundary}\r\n{part.Head}{part.Part}"))}--{boundary}{end}"));

    private static readonly Gen<string> Types = Gen.Frequency(
        (6, Gen.OneOf("application/json", "application/json; charset=utf-8", "application/vnd.x+json", "application/x-www-form-urlencoded", "text/plain",
            "application/xml", "application/octet-stream")),
        (2, Gen.OneOf(
            "application/json; charset=utf-7", "application/json; charset=utf-16", "text/plain; charset=iso-8859-1", "text/plain; charset=utf-32", "text/plain; charset=utf-7",
            "text/plain; charset=none-such", "text/plain; charset=\"", "text/plain; charset=",
            "text/plain; charset=ibm037", "application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data", "multipart/mixed; boundary=b",
            "multipart/form-data; boundary=b; boundary=c", "application/", "/", "*/*", ";", "json", "\u00ff/\u00fe",
            "application/json, text/plain", "application/json;;;;=", $"application/{new string('x', 2000)}", "application/+json", "text/event-stream",
            "message/http")));

    private static readonly Gen<string> Coding = Gen.Frequency((6, Gen.Const("")), (2, Gen.OneOf("gzip", "br", "deflate")), (1, Gen.OneOf(
        "gzip", "GZIP", "x-gzip", "br", "deflate", "zstd", "identity", "gzip, gzip", "gzip, br", "br, br, br, br", "identity, gzip", "gzip,", ",", "\u00ff",
        "gzip;q=1")));

    /// <summary>Headers of the content, each line with its end, and the content.</summary>
    public static readonly Gen<(string Headers, string Body)> All = Gen.Select(
        Gen.Frequency(
            (6, Gen.Select(Types, Gen.Frequency((4, Json), (2, Form), (2, Plain)), (type, body) => (type, body))),
            (8, Gen.Select(Json, body => ("application/json", body))),
            (2, Gen.Select(Form, body => ("application/x-www-form-urlencoded", body))),
            (5, Multipart)),
        Coding,
        Gen.Frequency((10, Gen.Const(0)), (1, Gen.Int[1, 40]), (1, Gen.Int[-40, -1])),
        (content, coding, damage) =>
        {
            var (type, body) = content;
            var coded = Damage(Encode(body, coding), damage);
            return ($"Content-Type: {type}\r\n{(coding.Length > 0 ? $"Content-Encoding: {coding}\r\n" : "")}", coded);
        });

    /// <summary>Encoded as it says, where that is a coding that exists; otherwise as it stands.</summary>
    private static string Encode(string body, string codings) => codings.Split(',', StringSplitOptions.TrimEntries).Aggregate(body, (text, coding) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => Through(text, output => new GZipStream(output, CompressionLevel.Fastest)),
        "DEFLATE" => Through(text, output => new ZLibStream(output, CompressionLevel.Fastest)),
        "BR" => Through(text, output => new BrotliStream(output, CompressionLevel.Fastest)),
        _ => text,
    });

    private static string Through(string text, Func<Stream, Stream> coder)
    {
        using var coded = new MemoryStream();
        using (var stream = coder(coded))
        {
            stream.Write(Encoding.Latin1.GetBytes(text));
        }

        return Encoding.Latin1.GetString(coded.ToArray());
    }

    // More than none: as many bytes go on after the end. Less: so many are missing at the end.
    private static string Damage(string body, int by) => by switch
    {
        0 => body,
        > 0 => body + new string('\u0055', by),
        _ => body[..Math.Max(0, body.Length + by)],
    };
}
