using System.Collections.Immutable;
using System.Reflection;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>Finds the node classes of an assembly, creates one instance of each, and reads their specs.</summary>
internal static class NodeFactory
{
    private const string TypeCure = "Loading a type must not block. Check the module initializers.";
    private const string ConstructorCure = "A node's constructor must do no work; move it to RunAsync.";
    private const string SpecCure = "Reading a spec must not block. Check static constructors and initializers.";

    /// <remarks>
    /// Runs all at the same time, because most of the time goes into compiling their code, which a collectible context never has ready.
    /// </remarks>
    /// <exception cref="PluginRejectedException">The first of the nodes that can't be created.</exception>
    public static async Task<ImmutableArray<INode>> CreateAsync(Assembly assembly, LoadDeadline deadline)
    {
        var types = await deadline.RunAsync($"Loading the types of {assembly.GetName().Name}", TypeCure, () => TypesOf(assembly).Where(IsNode).ToArray());
        if (types.Length == 0)
        {
            throw new PluginRejectedException(
                "no-nodes",
                $"{assembly.GetName().Name} has no nodes. Write a class that derives from Node<TConfig, TOutput> and is not abstract or private.");
        }

        return [.. await Task.WhenAll(types.Select(type => deadline.RunAsync($"The constructor of {type.FullName}", ConstructorCure, () => Create(type))))];
    }

    /// <summary>Reads the spec of each node, all at the same time for the same reason.</summary>
    /// <exception cref="PluginRejectedException">The first of the specs that can't be read.</exception>
    public static Task<NodeSpec[]> SpecsAsync(ImmutableArray<INode> nodes, LoadDeadline deadline) =>
        Task.WhenAll(nodes.Select(node => deadline.RunAsync($"The spec of {node.GetType().FullName}", SpecCure, () => SpecOf(node))));

    private static NodeSpec SpecOf(INode node)
    {
        try
        {
            return node.Spec;
        }
        catch (Exception exception)
        {
            throw new PluginRejectedException(
                "spec-throws", $"The spec of {node.GetType().FullName} can't be read: it threw {PluginFault.Of(exception)}.");
        }
    }

    // Loads all types at once, so that a missing one is found now and not in the middle of a run.
    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            var causes = exception.LoaderExceptions.OfType<Exception>().Select(cause => cause.Message).Distinct().Take(3);
            throw new PluginRejectedException(
                "types-unloadable",
                $"Types of {assembly.GetName().Name} can't be loaded: {string.Join(" ", causes)} Publish the plugin with all that it needs.");
        }
    }

    private static bool IsNode(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false, IsNestedPrivate: false } && typeof(INode).IsAssignableFrom(type);

    private static INode Create(Type type)
    {
        var constructor = type.GetConstructor(Type.EmptyTypes)
            ?? throw new PluginRejectedException(
                "no-constructor",
                $"The node class {type.FullName} has no public constructor without parameters. Give it one; what a call needs comes with NodeContext.");
        try
        {
            return (INode)constructor.Invoke(BindingFlags.DoNotWrapExceptions, binder: null, parameters: null, culture: null);
        }
        catch (Exception exception)
        {
            throw new PluginRejectedException(
                "constructor-throws",
                $"The constructor of {type.FullName} threw {PluginFault.Of(exception)}. {ConstructorCure}");
        }
    }
}
