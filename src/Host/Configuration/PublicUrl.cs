using System.Diagnostics.CodeAnalysis;

namespace Sluice.Host.Configuration;

/// <summary>The address that callers know a host by, which behind a proxy is not the one that it listens on.</summary>
internal static class PublicUrl
{
    /// <summary>What to write, for messages.</summary>
    public const string Form = "address of a host as callers write it, such as https://hooks.example.com, without query";

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https" && address.Query == "" && address.Fragment == "" && address.UserInfo == "";
}
