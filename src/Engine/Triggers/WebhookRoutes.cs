using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Triggers;

/// <summary>Which workflow a method and a path belong to: a trie of segments that requests read without a lock while workflows come and go.</summary>
/// <remarks>
/// No two routes of one method overlap, so at most one matches a request. Words are looked for before parameters, and the search goes back where
/// the word's side leads nowhere: <c>GET /orders/{id}</c> and <c>POST /orders/new</c> may live side by side.
/// Writers take turns; a route that is replaced is never missing in between.
/// </remarks>
/// <typeparam name="T">What a route leads to.</typeparam>
internal sealed class WebhookRoutes<T>
    where T : class
{
    private readonly Lock _writing = new();
    private readonly Dictionary<string, Route> _byOwner = new(StringComparer.Ordinal);
    private readonly TrieNode _root = new();

    /// <summary>Adds the route of an owner, in the place of the one it had. Where it overlaps another's, changes nothing and gives back that one.</summary>
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

    /// <summary>The first route that overlaps this path in one of these methods, those of the owners to ignore aside.</summary>
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

    /// <summary>Sets the route of an owner without looking for conflicts, in the place of the one it had.</summary>
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

    /// <summary>Removes the route of an owner; false where it has none.</summary>
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
    /// <param name="method">The method, as it came.</param>
    /// <param name="path">
    /// The path below <c>/hooks</c> as it came in the request line: still percent-encoded, without query. One slash at the end is overlooked.
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

    /// <summary>What a walk through the trie looks for, and what it has found.</summary>
    private struct Search(string method)
    {
        public readonly string Method => method;

        public Route? Found { get; set; }

        public string[]? Allowed { get; set; }
    }

    /// <summary>One place in the trie; the way to it is a list of words and parameters.</summary>
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

        /// <summary>The place at the end of a pattern, made where it is not there yet.</summary>
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

        /// <summary>Puts a route in, and takes another one out, in one step.</summary>
        public void Put(Route? route, Route? before)
        {
            IEnumerable<Route> others = _routes.Where(other => other != before);
            Volatile.Write(ref _routes, route is null ? [.. others] : [.. others, route]);
        }

        /// <summary>Removes the places on this way that lead nowhere any more.</summary>
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

/// <summary>A route that is in the way of another.</summary>
/// <param name="Owner">The workflow that has it.</param>
/// <param name="Method">A method that both want.</param>
/// <param name="Pattern">Its path.</param>
internal sealed record RouteConflict(string Owner, string Method, PathPattern Pattern);

/// <summary>What a request's method and path lead to.</summary>
/// <param name="Value">What the route leads to; null where no route takes this method and path.</param>
/// <param name="Parameters">The path's parameters, decoded.</param>
/// <param name="Allowed">Where the path is known and the method is not: the methods it takes. Empty for an unknown path.</param>
internal readonly record struct RouteMatch<T>(T? Value, ImmutableArray<KeyValuePair<string, string>> Parameters, ImmutableArray<string> Allowed)
    where T : class;
