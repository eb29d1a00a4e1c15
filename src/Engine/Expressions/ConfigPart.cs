using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>A part of a compiled config. A part without expressions is one constant, however large.</summary>
internal abstract class ConfigPart
{
    public abstract void WriteTo(Utf8JsonWriter writer, IScope scope);

    /// <summary>Constant JSON.</summary>
    internal sealed class Constant(byte[] json) : ConfigPart
    {
        public override void WriteTo(Utf8JsonWriter writer, IScope scope) => writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary>A string that contains an expression.</summary>
    internal sealed class Text(Template template) : ConfigPart
    {
        public override void WriteTo(Utf8JsonWriter writer, IScope scope) => template.WriteTo(writer, scope);
    }

    /// <summary>An object that contains an expression.</summary>
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

    /// <summary>A list that contains an expression.</summary>
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
