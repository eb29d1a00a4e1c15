namespace Sluice.Host.OpenApi;

/// <summary>Describes the text body of a route and its media types. Only for the description: the route accepts any media type.</summary>
/// <param name="Description">The description of the body.</param>
/// <param name="ContentTypes">The media types.</param>
internal sealed record TakesText(string Description, params IReadOnlyList<string> ContentTypes);
