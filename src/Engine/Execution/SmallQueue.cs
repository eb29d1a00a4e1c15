using System.Diagnostics.CodeAnalysis;

namespace Sluice.Engine.Execution;

/// <summary>A queue that allocates nothing while it holds one item: most runs never have two.</summary>
internal struct SmallQueue<T>
{
    private T? _first;
    private bool _hasFirst;
    private Queue<T>? _more;

    public void Enqueue(T item)
    {
        if (_hasFirst || _more is { Count: > 0 })
        {
            (_more ??= new Queue<T>()).Enqueue(item);
        }
        else
        {
            (_first, _hasFirst) = (item, true);
        }
    }

    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        if (_hasFirst)
        {
            (item, _first, _hasFirst) = (_first!, default, false);
            return true;
        }

        item = default;
        return _more is not null && _more.TryDequeue(out item);
    }
}
