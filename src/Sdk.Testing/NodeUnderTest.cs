using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Sluice.Sdk.Testing;

/// <summary>The node that is checked: new instances, its spec, its schemas and its examples.</summary>
internal sealed class NodeUnderTest(Type type, Func<INode>? make = null)
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    private readonly Lazy<NodeSpec> _spec = new(() => SpecOf(make?.Invoke() ?? New(type)));

    public Type Type => type;

    public NodeSpec Spec => _spec.Value;

    /// <summary>The examples that run without a network.</summary>
    public IEnumerable<NodeExample> Runnable => Spec.Examples.Where(example => !example.NeedsNetwork);

    /// <summary>The plugin's folder beside the tests, where the package's targets put it; null if the node is a class of the tests.</summary>
    public string? Folder
    {
        get
        {
            var folder = Path.Combine(AppContext.BaseDirectory, "plugins", type.Assembly.GetName().Name!);
            var isOfTheTests = type.Assembly.GetReferencedAssemblies().Any(one => one.Name == typeof(NodeUnderTest).Assembly.GetName().Name);
            return isOfTheTests ? null : folder;
        }
    }

    /// <summary>
    /// The examples that can be called: those that run without a network, and those that use only the client of the context, to which the test responds. A
    /// call with a cancelled token finds out which.
    /// </summary>
    public async IAsyncEnumerable<NodeExample> CallableAsync()
    {
        foreach (var example in Spec.Examples)
        {
            var environment = new NodeEnvironment { Http = StubHttp.Silent() };
            if (!example.NeedsNetwork)
            {
                yield return example;
            }
            else
            {
                await CallAsync(example.Config, environment, new CancellationToken(canceled: true));
                if (environment.Http.Asked.IsCompleted)
                {
                    yield return example;
                }
            }
        }
    }

    public JsonElement ConfigSchema => Parse(Spec.ConfigSchema, "config schema");

    public JsonElement OutputSchema => Parse(Spec.OutputSchema, "output schema");

    /// <summary>Creates an instance.</summary>
    /// <exception cref="UnusableNodeException">No instance can be created.</exception>
    public INode New() => make?.Invoke() ?? New(type);

    /// <summary>Calls a new instance, and returns what it throws as data.</summary>
    public Task<Call> CallAsync(string config, NodeEnvironment environment, CancellationToken cancellationToken = default) =>
        CallAsync(New(), Encoding.UTF8.GetBytes(config), environment, cancellationToken);

    /// <summary>Calls an instance, and returns what it throws as data. A call that does not end is abandoned.</summary>
    public static async Task<Call> CallAsync(INode node, byte[] config, NodeEnvironment environment, CancellationToken cancellationToken = default)
    {
        try
        {
            var result = await node.RunAsync(config, environment.NewContext(), cancellationToken).AsTask().WaitAsync(LongestCall, CancellationToken.None);
            return new Call(NodeOutcome.Of(result), null);
        }
        catch (Exception exception)
        {
            return new Call(null, exception);
        }
    }

    private static JsonElement Parse(string schema, string name)
    {
        try
        {
            return JsonElement.Parse(schema);
        }
        catch (JsonException exception)
        {
            throw new UnusableNodeException($"The {name} is not JSON: {exception.Message}");
        }
    }

    private static INode New(Type type)
    {
        try
        {
            return (INode)Activator.CreateInstance(type)!;
        }
        catch (MissingMethodException)
        {
            throw new UnusableNodeException("There is no public constructor without parameters. Add one.");
        }
        catch (TargetInvocationException exception)
        {
            throw new UnusableNodeException($"The constructor threw {exception.InnerException!.GetType().Name}: {exception.InnerException.Message}");
        }
    }

    /// <summary>Reads the spec of an instance.</summary>
    /// <exception cref="UnusableNodeException">Reading it threw.</exception>
    public static NodeSpec SpecOf(INode node)
    {
        try
        {
            return node.Spec;
        }
        catch (Exception exception)
        {
            throw new UnusableNodeException($"Reading the spec threw {exception.GetType().Name}: {exception.Message}");
        }
    }
}

/// <summary>The result of a call: an outcome or an exception.</summary>
internal sealed record Call(NodeOutcome? Outcome, Exception? Thrown)
{
    public override string ToString() => Outcome?.ToString() ?? $"threw {Thrown!.GetType().Name}: {Thrown.Message}";
}

/// <summary>The exception for a node without an instance or a spec, which can only be checked against the law <c>usable</c>.</summary>
internal sealed class UnusableNodeException(string message) : Exception(message);
