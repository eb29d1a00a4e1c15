using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Triggers;

/// <summary>Maps a method and a path to a workflow: a trie of segments that requests read without a lock while workflows change.</summary>
/// <remarks>
/// No two routes of one method overlap, so at most one matches a request. Literals are tried before parameters, with backtracking if the
/// literal's side has no match: <c>GET /orders/{id}</c> and <c>POST /orders/new</c> can coexist. Writers take turns. A replaced route is
/// visible at all times, in its old or new form.
/// </remarks>
/// <typeparam name="T">The target of a route.</typeparam>
internal sealed class WebhookRoutes<T>
    where T : class
{
    private readonly Lock _writing = new();
    private readonly Dictionary<string, Route> _byOwner = new(StringComparer.Ordinal);
    private readonly TrieNode _root = new();

    /// <summary>
    /// Adds or replaces the route of an owner. If it overlaps another owner's route, changes nothing and returns that route.
    /// </summary>
    public RouteConflict? TryAdd(string owner, PathPattern pattern, ImmutableArray<string> methods, T value)
    {
        lock (_writing)
        {
            if (FindConflict(pattern, methods, other => other == owner) is { } conflict)
            {
                return conflict;
            }

            Set(owner, pattern, methods, value);
            return null;
        }
    }

    /// <summary>Returns the first route that overlaps this path in one of these methods, except those of the ignored owners.</summary>
    public RouteConflict? FindConflict(PathPattern pattern, ImmutableArray<string> methods, Func<string, bool> ignore)
    {
        lock (_writing)
        {
            foreach (var route in _root.Overlapping(pattern.Segments.AsMemory()))
            {
                var shared = route.Methods.FirstOrDefault(methods.Contains);
                if (shared is not null && !ignore(route.Owner))
                {
                    return new RouteConflict(route.Owner, shared, route.Pattern);
                }
            }

            return null;
        }
    }

    /// <summary>Adds or replaces the route of an owner without checking for conflicts.</summary>
    public void Set(string owner, PathPattern pattern, ImmutableArray<string> methods, T value)
    {
        lock (_writing)
        {
            var route = new Route(owner, pattern, methods, value);
            var place = _root.Reach(pattern);
            var before = _byOwner.GetValueOrDefault(owner);
            place.Put(route, before);
            _byOwner[owner] = route;
            if (before is not null && _root.Reach(before.Pattern) is var left && left != place)
            {
                left.Put(null, before);
                _root.Prune(before.Pattern.Segments.AsSpan());
            }
        }
    }

    /// <summary>Removes the route of an owner; false if it has none.</summary>
    public bool Remove(string owner)
    {
        lock (_writing)
        {
            if (!_byOwner.Remove(owner, out var route))
            {
                return false;
            }

            _root.Reach(route.Pattern).Put(null, route);
            _root.Prune(route.Pattern.Segments.AsSpan());
            return true;
        }
    }

    /// <summary>Finds the route of a request.</summary>
    /// <param name="method">The method as received.</param>
    /// <param name="path">
    /// The path below <c>/hooks</c> as received in the request line: percent-encoded, without query. One trailing slash is ignored.
    /// </param>
    public RouteMatch<T> Match(string method, ReadOnlySpan<char> path)
    {
        var request = new PathInput(path, stackalloc Range[PathPattern.MostSegments]);
        if (!request.IsValid)
        {
            return default;
        }

        var search = new Search(method);
        _root.Find(request, 0, ref search);
        return search.Found is { } route ? FoundRoute(route, request) : new RouteMatch<T>(null, [], [.. search.Allowed ?? []]);
    }

    private static RouteMatch<T> FoundRoute(Route route, scoped PathInput request)
    {
        if (route.ParameterCount == 0)
        {
            return new RouteMatch<T>(route.Value, [], []);
        }

        var parameters = new KeyValuePair<string, string>[route.ParameterCount];
        var segments = route.Pattern.Segments;
        for (int index = 0, parameter = 0; index < segments.Length; index++)
        {
            if (segments[index].IsParameter)
            {
                if (PathInput.Decode(request[index]) is not { } value)
                {
                    return default;
                }

                parameters[parameter++] = new(segments[index].Text, value);
            }
        }

        return new RouteMatch<T>(route.Value, ImmutableCollectionsMarshal.AsImmutableArray(parameters), []);
    }

    private sealed record Route(string Owner, PathPattern Pattern, ImmutableArray<string> Methods, T Value)
    {
        public int ParameterCount { get; } = Pattern.Parameters.Count();
    }

    /// <summary>The input and the result of a walk through the trie.</summary>
    private struct Search(string method)
    {
        public readonly string Method => method;

        public Route? Found { get; set; }

        public string[]? Allowed { get; set; }
    }

    /// <summary>A node of the trie. The path to it is a list of literals and parameters.</summary>
    private sealed class TrieNode
    {
        private ConcurrentDictionary<string, TrieNode>? _words;
        private TrieNode? _parameter;
        private Route[] _routes = [];

        private bool IsEmpty => _routes.Length == 0 && _parameter is null && _words is not { IsEmpty: false };

        public void Find(scoped PathInput request, int depth, ref Search search)
        {
            if (depth == request.Count)
            {
                Take(Volatile.Read(ref _routes), ref search);
                return;
            }

            if (Volatile.Read(ref _words) is { } words && Word(words, request[depth]) is { } word)
            {
                word.Find(request, depth + 1, ref search);
            }

            if (search.Found is null && Volatile.Read(ref _parameter) is { } parameter)
            {
                parameter.Find(request, depth + 1, ref search);
            }
        }

        private static TrieNode? Word(ConcurrentDictionary<string, TrieNode> words, ReadOnlySpan<char> segment)
        {
            if (segment.Contains('%'))
            {
                return PathInput.Decode(segment) is { } decoded ? words.GetValueOrDefault(decoded) : null;
            }

            return words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(segment, out var place) ? place : null;
        }

        private static void Take(Route[] routes, ref Search search)
        {
            foreach (var route in routes)
            {
                foreach (var method in route.Methods)
                {
                    if (method == search.Method)
                    {
                        search.Found = route;
                        return;
                    }
                }
            }

            foreach (var route in routes)
            {
                search.Allowed = [.. search.Allowed ?? [], .. route.Methods];
            }
        }

        /// <summary>Returns the node at the end of a pattern, and creates missing nodes.</summary>
        public TrieNode Reach(PathPattern pattern)
        {
            var place = this;
            foreach (var segment in pattern.Segments)
            {
                place = place.Next(segment);
            }

            return place;
        }

        private TrieNode Next(PathSegment segment)
        {
            if (segment.IsParameter)
            {
                return _parameter ??= new TrieNode();
            }

            _words ??= new ConcurrentDictionary<string, TrieNode>(concurrencyLevel: 1, capacity: 1, StringComparer.Ordinal);
            return _words.GetOrAdd(segment.Text, static _ => new TrieNode());
        }

        /// <summary>Replaces a route in one step.</summary>
        public void Put(Route? route, Route? before)
        {
            IEnumerable<Route> others = _routes.Where(other => other != before);
            Volatile.Write(ref _routes, route is null ? [.. others] : [.. others, route]);
        }

        /// <summary>Removes the nodes on this path that no longer lead to a route.</summary>
        public void Prune(ReadOnlySpan<PathSegment> way)
        {
            if (way.IsEmpty)
            {
                return;
            }

            var segment = way[0];
            var next = segment.IsParameter ? _parameter : _words?.GetValueOrDefault(segment.Text);
            next?.Prune(way[1..]);
            if (next is not { IsEmpty: true })
            {
                return;
            }

            if (segment.IsParameter)
            {
                _parameter = null;
            }
            else
            {
                _words!.TryRemove(segment.Text, out _);
            }
        }

        public IEnumerable<Route> Overlapping(ReadOnlyMemory<PathSegment> way)
        {
            if (way.IsEmpty)
            {
                return _routes;
            }

            var segment = way.Span[0];
            IEnumerable<TrieNode> next = segment.IsParameter
                ? _words?.Values ?? []
                : _words?.GetValueOrDefault(segment.Text) is { } word ? [word] : [];
            return (_parameter is null ? next : next.Append(_parameter)).SelectMany(place => place.Overlapping(way[1..]));
        }
    }
}

/// <summary>A route that overlaps another.</summary>
/// <param name="Owner">The workflow that owns it.</param>
/// <param name="Method">A method that both use.</param>
/// <param name="Pattern">Its path.</param>
internal sealed record RouteConflict(string Owner, string Method, PathPattern Pattern);

/// <summary>The match of a request's method and path.</summary>
/// <param name="Value">The target of the route; null if no route matches.</param>
/// <param name="Parameters">The path's parameters, decoded.</param>
/// <param name="Allowed">The methods of a known path if the method does not match; empty for an unknown path.</param>
internal readonly record struct RouteMatch<T>(T? Value, ImmutableArray<KeyValuePair<string, string>> Parameters, ImmutableArray<string> Allowed)
    where T : class;
