using Sluice.Engine.Files;

namespace Sluice.Host.Webhooks.Authentication.Tokens;

/// <summary>Loads the text of a key set, up to a maximum size, from the address or file that a workflow names.</summary>
/// <param name="http">The client for addresses; it follows the host's rules for outbound connections.</param>
/// <param name="directory">The base of relative file paths: the workflows directory.</param>
internal sealed class KeySetLoader(HttpClient http, string directory)
{
    private const int LongestSet = 256 * 1024;

    /// <param name="place">An address or a file.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    /// <exception cref="IOException">It can't be read, or is too long.</exception>
    /// <exception cref="HttpRequestException">The address does not respond with 200.</exception>
    public async Task<string> LoadAsync(string place, CancellationToken cancellationToken)
    {
        if (!place.Contains("://", StringComparison.Ordinal))
        {
            return ReadFile(Path.Combine(directory, place));
        }

        using var response = await http.GetAsync(new Uri(place), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await ReadAsync(body, cancellationToken);
    }

    private static string ReadFile(string path)
    {
        try
        {
            return FileText.Decode(FileText.ReadRegular(path, LongestSet));
        }
        catch (UnfitFileException unfit)
        {
            throw new IOException($"{path}: {unfit.Message}", unfit);
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestSet + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= LongestSet ? System.Text.Encoding.UTF8.GetString(buffer, 0, length) : throw new IOException($"It has more than {LongestSet} bytes.");
    }
}
