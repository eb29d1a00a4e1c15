using Sluice.Sdk.Testing;

namespace Sluice.Plugins;

/// <summary>The rows of a plugin's contract test: each of its nodes with each law.</summary>
internal static class ContractRows
{
    public static TheoryData<Type, string> Of(Type oneOfItsNodes)
    {
        var rows = new TheoryData<Type, string>();
        foreach (var node in NodeContract.NodesOf(oneOfItsNodes.Assembly))
        {
            foreach (var law in NodeContract.Laws)
            {
                rows.Add(node, law.Name);
            }
        }

        return rows;
    }
}
