using Mono.Cecil;

namespace Sluice.Host.Tests;

/// <summary>Reads from a compiled assembly which of its types depend on which others of it. Constants are compiled in, so they leave no trace.</summary>
internal sealed class TypeReferences
{
    private readonly ModuleDefinition _module;
    private readonly HashSet<(TypeReference From, TypeReference To)> _found = [];

    private TypeReferences(ModuleDefinition module) => _module = module;

    /// <summary>Pairs of types outside of any other type; what a nested type uses counts for the type around it.</summary>
    public static IReadOnlyCollection<(TypeReference From, TypeReference To)> Of(ModuleDefinition module)
    {
        var references = new TypeReferences(module);
        foreach (var type in module.Types)
        {
            references.AddType(type, type);
        }

        return references._found;
    }

    private void AddType(TypeDefinition type, TypeDefinition outer)
    {
        Add(outer, type.BaseType);
        AddAttributes(outer, type);
        AddConstraints(outer, type);
        foreach (var implemented in type.Interfaces)
        {
            Add(outer, implemented.InterfaceType);
        }

        foreach (var field in type.Fields)
        {
            Add(outer, field.FieldType);
            AddAttributes(outer, field);
        }

        foreach (var method in type.Methods)
        {
            AddMethod(outer, method);
            AddAttributes(outer, method);
            AddConstraints(outer, method);
            AddBody(outer, method);
        }

        foreach (var nested in type.NestedTypes)
        {
            AddType(nested, outer);
        }
    }

    private void AddMethod(TypeDefinition outer, MethodReference method)
    {
        Add(outer, method.DeclaringType);
        Add(outer, method.ReturnType);
        foreach (var parameter in method.Parameters)
        {
            Add(outer, parameter.ParameterType);
        }

        foreach (var argument in method is GenericInstanceMethod generic ? generic.GenericArguments : [])
        {
            Add(outer, argument);
        }
    }

    private void AddBody(TypeDefinition outer, MethodDefinition method)
    {
        if (!method.HasBody)
        {
            return;
        }

        foreach (var variable in method.Body.Variables)
        {
            Add(outer, variable.VariableType);
        }

        foreach (var handler in method.Body.ExceptionHandlers)
        {
            Add(outer, handler.CatchType);
        }

        foreach (var instruction in method.Body.Instructions)
        {
            switch (instruction.Operand)
            {
                case TypeReference type:
                    Add(outer, type);
                    break;
                case MethodReference called:
                    AddMethod(outer, called);
                    break;
                case FieldReference field:
                    Add(outer, field.DeclaringType);
                    Add(outer, field.FieldType);
                    break;
            }
        }
    }

    private void AddAttributes(TypeDefinition outer, ICustomAttributeProvider provider)
    {
        foreach (var attribute in provider.CustomAttributes)
        {
            Add(outer, attribute.AttributeType);
            foreach (var argument in attribute.ConstructorArguments)
            {
                Add(outer, argument.Value as TypeReference);
            }
        }
    }

    private void AddConstraints(TypeDefinition outer, IGenericParameterProvider provider)
    {
        foreach (var constraint in provider.GenericParameters.SelectMany(parameter => parameter.Constraints))
        {
            Add(outer, constraint.ConstraintType);
        }
    }

    private void Add(TypeDefinition outer, TypeReference? used)
    {
        if (used is GenericInstanceType generic)
        {
            foreach (var argument in generic.GenericArguments)
            {
                Add(outer, argument);
            }
        }

        if (used is TypeSpecification specification)
        {
            Add(outer, specification.ElementType);
            return;
        }

        while (used?.DeclaringType is { } around)
        {
            used = around;
        }

        if (used is TypeDefinition or { Scope: ModuleDefinition } && used != outer && used.Module == _module && used is not GenericParameter)
        {
            _found.Add((outer, used.Resolve()));
        }
    }
}
