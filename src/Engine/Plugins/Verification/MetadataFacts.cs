using System.Reflection.Metadata;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Reads <see cref="AssemblyFacts"/> from metadata tables (ECMA-335, partition II).</summary>
internal sealed class MetadataFacts(MetadataReader metadata)
{
    public AssemblyFacts Read() => new()
    {
        Version = Attribute("System.Reflection.AssemblyInformationalVersionAttribute")?.Split('+')[0]
            ?? metadata.GetAssemblyDefinition().Version.ToString(),
        TargetFramework = Attribute("System.Runtime.Versioning.TargetFrameworkAttribute"),
        NeedsProcess = Metadata(AssemblyFacts.IsolationKey) == AssemblyFacts.ProcessIsolation,
        References = References(),
        UsedTypes = UsedTypes(),
        UsedMethods = UsedMethods(),
    };

    // Plain loops: LINQ over the handles, which are structs, is compiled for each of them and adds 10 ms to the start.
    public Dictionary<string, Version> References()
    {
        var references = new Dictionary<string, Version>(StringComparer.Ordinal);
        foreach (var handle in metadata.AssemblyReferences)
        {
            var reference = metadata.GetAssemblyReference(handle);
            references[metadata.GetString(reference.Name)] = reference.Version;
        }

        return references;
    }

    private HashSet<string> UsedTypes()
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.TypeReferences)
        {
            types.Add(NameOf(handle));
        }

        return types;
    }

    private HashSet<string> UsedMethods()
    {
        var methods = new HashSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.MemberReferences)
        {
            if (MethodOf(handle) is { } method)
            {
                methods.Add(method);
            }
        }

        return methods;
    }

    // The first argument of an assembly attribute, which must be a string.
    private string? Attribute(string type)
    {
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            if (ArgumentsOf(handle, type) is { } arguments)
            {
                return arguments.ReadSerializedString();
            }
        }

        return null;
    }

    private string? Metadata(string key)
    {
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            if (ArgumentsOf(handle, "System.Reflection.AssemblyMetadataAttribute") is { } arguments && arguments.ReadSerializedString() == key)
            {
                return arguments.ReadSerializedString();
            }
        }

        return null;
    }

    // Null if the attribute has another type.
    private BlobReader? ArgumentsOf(CustomAttributeHandle handle, string type)
    {
        var attribute = metadata.GetCustomAttribute(handle);
        if (attribute.Constructor.Kind != HandleKind.MemberReference
            || TypeOf(metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent) != type)
        {
            return null;
        }

        var value = metadata.GetBlobReader(attribute.Value);
        value.ReadUInt16();
        return value;
    }

    private string? MethodOf(MemberReferenceHandle handle)
    {
        var member = metadata.GetMemberReference(handle);
        if (member.GetKind() != MemberReferenceKind.Method || TypeOf(member.Parent) is not { } type)
        {
            return null;
        }

        var signature = metadata.GetBlobReader(member.Signature);
        if (signature.ReadSignatureHeader().IsGeneric)
        {
            signature.ReadCompressedInteger();
        }

        return $"{type}::{metadata.GetString(member.Name)}/{signature.ReadCompressedInteger()}";
    }

    private string? TypeOf(EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference => NameOf((TypeReferenceHandle)parent),
        HandleKind.TypeSpecification => GenericTypeOf((TypeSpecificationHandle)parent),
        _ => null,
    };

    // The parent of a member of List<int> is the signature "generic instance of class List with …".
    private string? GenericTypeOf(TypeSpecificationHandle handle)
    {
        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return null;
        }

        // Class or value type.
        signature.ReadByte();
        var type = signature.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? NameOf((TypeReferenceHandle)type) : null;
    }

    private string NameOf(TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var space = metadata.GetString(type.Namespace);
        var name = metadata.GetString(type.Name);
        return space.Length == 0 ? name : $"{space}.{name}";
    }
}
