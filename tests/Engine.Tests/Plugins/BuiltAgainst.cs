using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Sluice.Engine.Tests.Plugins;

/// <summary>Makes an assembly one that was built against another version of what it refers to, as the compiler would have written it.</summary>
internal static class BuiltAgainst
{
    public static void Version(string assembly, string reference, ushort major)
    {
        var bytes = File.ReadAllBytes(assembly);
        using (var file = new PEReader([.. bytes]))
        {
            var metadata = file.GetMetadataReader();
            var row = metadata.AssemblyReferences.Single(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name) == reference);
            var offset = file.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
                + ((MetadataTokens.GetRowNumber(row) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef));
            // The row begins with the major version, 16 bits.
            BitConverter.TryWriteBytes(bytes.AsSpan(offset), major);
        }

        File.WriteAllBytes(assembly, bytes);
    }
}
