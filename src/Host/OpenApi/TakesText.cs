namespace Sluice.Host.OpenApi;

/// <summary>Says of a route that its body is a text of one of these types. For the description alone: the route takes whatever type is written on it.</summary>
/// <param name="Description">What the text is.</param>
/// <param name="ContentTypes">The types it may be in.</param>
internal sealed record TakesText(string Description, params IReadOnlyList<string> ContentTypes);
