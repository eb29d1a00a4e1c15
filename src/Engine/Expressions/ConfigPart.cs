using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>A part of a compiled config. Whatever holds no expression is one constant, however large.</summary>
internal abstract class ConfigPart
{
    public abstract void WriteTo(Utf8JsonWriter writer, IScope scope);

    /// <summary>JSON that is always the same.</summary>
    internal sealed class Constant(byte[] json) : ConfigPart
    {
        public override void WriteTo(Utf8JsonWriter writer, IScope scope) => writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary>A string with an expression in it.</summary>
    internal sealed class Text(Template template) : ConfigPart
    {
        public override void WriteTo(Utf8JsonWriter writer, IScope scope) => template.WriteTo(writer, scope);
    }

    /// <summary>An object with an expression in it.</summary>
    internal sealed class Object(ImmutableArray<(JsonEncodedText Name, ConfigPart Value)> members) : ConfigPart
    {
        public override void WriteTo(Utf8JsonWriter writer, IScope scope)
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer, scope);
            }

            writer.WriteEndObject();
        }
    }

    /// <summary>A list with an expression in it.</summary>
    internal sealed class Array(ImmutableArray<ConfigPart> items) : ConfigPart
    {
        public override void WriteTo(Utf8JsonWriter writer, IScope scope)
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                item.WriteTo(writer, scope);
            }

            writer.WriteEndArray();
        }
    }
}
