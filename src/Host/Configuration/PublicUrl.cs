using System.Diagnostics.CodeAnalysis;

namespace Sluice.Host.Configuration;

/// <summary>The address that callers use for a host; behind a proxy it differs from the listen address.</summary>
internal static class PublicUrl
{
    /// <summary>The expected form, for messages.</summary>
    public const string Form = "address of a host as callers write it, such as https://hooks.example.com, without query";

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https" && address.Query == "" && address.Fragment == "" && address.UserInfo == "";
}
