using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Which pages of other origins may call a webhook from a browser (Fetch standard, section 3.3, "CORS protocol").</summary>
/// <param name="Origins">The origins, as browsers write them: <c>https://shop.example</c>; or <c>*</c> alone for any.</param>
/// <param name="Methods">The methods that such a page may use.</param>
internal sealed record CorsSettings(ImmutableArray<string> Origins, ImmutableArray<string> Methods)
{
    /// <summary>The headers that such a page may set besides the CORS-safelisted ones; <c>*</c> for any.</summary>
    public ImmutableArray<string> Headers { get; init; } = ["Content-Type"];

    /// <summary>The response headers that such a page may read besides the CORS-safelisted ones; <c>*</c> for any.</summary>
    public ImmutableArray<string> Expose { get; init; } = [];

    /// <summary>Whether the browser may send cookies and other credentials.</summary>
    public bool Credentials { get; init; }

    /// <summary>How long a browser may cache the response to a preflight request; null for its own default (5 s).</summary>
    public TimeSpan? MaxAge { get; init; }
}
