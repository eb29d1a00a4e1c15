namespace Sluice.Engine.Expressions;

/// <summary>A piece of a string value: either text, in UTF-8, or an expression.</summary>
internal readonly record struct TemplatePart(ReadOnlyMemory<byte> Text, Expression? Expression);
