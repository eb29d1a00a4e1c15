using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Sluice.Packages;

/// <summary>The platforms whose native files a plugin's folder gets: all, or those that one platform can use.</summary>
internal sealed partial class PlatformChoice
{
    private readonly FrozenSet<string>? _usable;

    private PlatformChoice(FrozenSet<string>? usable) => _usable = usable;

    /// <param name="runtime">A .NET runtime identifier such as <c>linux-x64</c>; null for all.</param>
    /// <exception cref="PackageException">It is not a runtime identifier.</exception>
    public static PlatformChoice Parse(string? runtime)
    {
        if (runtime is null)
        {
            return new PlatformChoice(null);
        }

        if (!Identifier.IsMatch(runtime))
        {
            throw new PackageException("runtime", $"'{runtime}' is not a runtime identifier of .NET. Use one such as linux-x64, linux-musl-x64, win-x64 or osx-arm64.");
        }

        var parts = runtime.Split('-');
        // The fallback order of .NET: linux-musl-x64, linux-musl, linux-x64, linux, unix, any.
        List<string> usable = [runtime, string.Join('-', parts[..^1]), $"{parts[0]}-{parts[^1]}", parts[0], "any"];
        if (parts[0] != "win")
        {
            usable.Add("unix");
        }

        return new PlatformChoice(usable.ToFrozenSet(StringComparer.OrdinalIgnoreCase));
    }

    public bool Takes(string platform) => _usable?.Contains(platform) ?? true;

    [GeneratedRegex(@"^(linux|linux-musl|linux-bionic|win|osx|freebsd)-(x64|x86|arm|arm64|armv6|riscv64|loongarch64|s390x|ppc64le)\z")]
    private static partial Regex Identifier { get; }
}
