using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Host.Cli;

/// <summary>
/// A request in the form of an HTTP/1.1 message (RFC 9112, section 2.1): a request line, headers, an empty line, the body. Content without
/// a request line is a JSON body only.
/// </summary>
internal sealed record RecordedRequest(string Method, string? Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <exception cref="CommandException">It begins like a message but is not a valid one.</exception>
    public static RecordedRequest Parse(byte[] bytes, string name)
    {
        var (head, body) = Split(bytes);
        var lines = head.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        if (lines[0].Split(' ') is not [var method, ['/', ..] or ['h', 't', 't', 'p', ..], ..] || method.Any(c => c is < 'A' or > 'Z'))
        {
            return new RecordedRequest("POST", null, [new("Content-Type", "application/json")], bytes);
        }

        var headers = lines.Skip(1).Where(line => line.Length > 0).Select((line, index) => Header(line, $"{name}:{index + 2}")).ToArray();
        return new RecordedRequest(method, lines[0].Split(' ')[1], headers, body);
    }

    /// <summary>Creates the request that the ingress handles.</summary>
    /// <param name="otherwise">The path if the record has none.</param>
    public DefaultHttpContext ToHttp(string otherwise)
    {
        var target = Target is null ? otherwise : Target.StartsWith('/') ? Target : new Uri(Target).PathAndQuery;
        var http = new DefaultHttpContext();
        var query = target.IndexOf('?', StringComparison.Ordinal);
        http.Request.Method = Method;
        http.Request.Path = PathString.FromUriComponent(query < 0 ? target : target[..query]);
        http.Request.QueryString = query < 0 ? QueryString.Empty : new QueryString(target[query..]);
        http.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        foreach (var (name, value) in Headers)
        {
            http.Request.Headers.Append(name, value);
        }

        http.Request.ContentLength = Body.Length;
        http.Request.Body = new MemoryStream(Body);
        http.Response.Body = new MemoryStream();
        return http;
    }

    private static (string Head, byte[] Body) Split(byte[] bytes)
    {
        var span = bytes.AsSpan();
        var crlf = span.IndexOf("\r\n\r\n"u8);
        var lf = span.IndexOf("\n\n"u8);
        return (crlf, lf) switch
        {
            ( >= 0, _) when lf < 0 || crlf < lf => (Encoding.UTF8.GetString(span[..crlf]), bytes[(crlf + 4)..]),
            (_, >= 0) => (Encoding.UTF8.GetString(span[..lf]), bytes[(lf + 2)..]),
            _ => (Encoding.UTF8.GetString(span), []),
        };
    }

    private static KeyValuePair<string, string> Header(string line, string place)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? new(line[..colon], line[(colon + 1)..].Trim())
            : throw new CommandException($"{place}: '{line}' is not a header. Write headers as Name: value, and an empty line before the body.");
    }
}
