using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Diagnostics.Runtime;

namespace Sluice.Host.Leaks;

/// <summary>Describes the result of a leak search in words: the root first, then each object and the field that leads on.</summary>
internal sealed class LeakDescription(ClrRuntime runtime)
{
    private const int LongestPath = 40;

    private readonly ClrHeap _heap = runtime.Heap;

    /// <summary>Describes a thread that runs the plugin's code.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="methods">The plugin's methods on its stack, innermost first.</param>
    public ImmutableArray<string> OfThread(ClrThread thread, IReadOnlyList<ClrMethod> methods) =>
    [
        $"root: thread {thread.ManagedThreadId}{NameOf(thread)}, which runs {NameOf(methods[0])}",
        .. methods.Take(LongestPath).Select(NameOf),
    ];

    /// <summary>Describes a path from a root.</summary>
    /// <param name="root">The root.</param>
    /// <param name="links">The objects on the path, starting with the one that the root refers to.</param>
    public ImmutableArray<string> OfPath(ClrRoot root, IReadOnlyList<ClrObject> links)
    {
        var lines = links.Select((item, index) => NameOf(item, index + 1 < links.Count ? links[index + 1] : null)).ToList();
        // The ends matter most: what holds, and which object of the plugin is held.
        return
        [
            $"root: {NameOf(root, links)}",
            .. lines.Count <= LongestPath ? lines : [.. lines[..(LongestPath / 2)], "…", .. lines[^(LongestPath / 2)..]],
        ];
    }

    private string NameOf(ClrRoot root, IReadOnlyList<ClrObject> links)
    {
        // Timers are chained: the last one on the path is the one that holds.
        if (links.LastOrDefault(item => item.Type?.Name == "System.Threading.TimerQueueTimer") is { IsNull: false } timer)
        {
            return MethodOf(timer.ReadObjectField("_timerCallback")) is { } callback ? $"timer, which calls {NameOf(callback)}" : "timer";
        }

        if (root is ClrStackRoot { StackFrame.Thread: { } thread })
        {
            return $"stack of thread {thread.ManagedThreadId}{NameOf(thread)}";
        }

        // The static fields of ordinary types are elements of arrays that a handle holds.
        return links is [{ IsArray: true }, { Type.Name: { } type }, ..] && StaticFields.Named(type) is { } field ? $"static field {field}" : root.RootKind.ToString();
    }

    private string NameOf(ClrObject item, ClrObject? next)
    {
        var field = next is null
            ? null
            : item.EnumerateReferencesWithFields(carefully: false, considerDependantHandles: true)
                .Where(reference => reference.Object.Address == next.Value.Address).Select(reference => reference.Field?.Name).FirstOrDefault();
        var name = (item.Type?.Name ?? "?") + (field is null ? "" : $".{field}");
        return MethodOf(item) is { } method ? $"{name} ({NameOf(method)})" : name;
    }

    // A delegate to a static method has a second pointer, to the code behind the stub that shifts its arguments.
    private ClrMethod? MethodOf(ClrObject item)
    {
        if (!item.IsDelegate)
        {
            return null;
        }

        return item.ReadField<ulong>("_methodPtrAux") is var pointer and not 0 ? runtime.GetMethodByInstructionPointer(pointer) : item.AsDelegate().GetDelegateTarget()?.Method;
    }

    private static string NameOf(ClrMethod method) => $"{method.Type?.Name}.{method.Name}";

    private string NameOf(ClrThread thread)
    {
        var name = _heap.EnumerateObjects()
            .Where(item => item.Type?.Name == "System.Threading.Thread" && item.ReadField<int>("_managedThreadId") == thread.ManagedThreadId)
            .Select(item => item.ReadStringField("_name")).FirstOrDefault();
        return name is null ? "" : string.Create(CultureInfo.InvariantCulture, $" ({name})");
    }
}
