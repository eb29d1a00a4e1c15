using System.Diagnostics;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>
/// The remaining work that one evaluation may do. The engine checks its own limits only between statements, and one call of a built-in
/// function can do any amount of work in between. So every call is charged here before it is made.
/// </summary>
internal sealed class WorkBudget
{
    // Uses the system clock and not the workflow's time, because it protects the machine.
    private readonly long _began = Stopwatch.GetTimestamp();
    /// <summary>The cost of an item, or of a piece of a string, in characters.</summary>
    public const int Item = 24;

    /// <summary>The cost of a match of a regular expression, in characters.</summary>
    public const int Match = 1_000;

    private long _left = ExpressionLimits.Work;
    private int _depth;

    /// <summary>Charges characters and items that are about to be read or copied.</summary>
    public void Charge(long amount)
    {
        _left -= amount;
        if (_left < 0)
        {
            throw new FunctionException($"The expression reads or copies more than {ExpressionLimits.Work:N0} characters and items.") { IsLimit = true };
        }

        if (Stopwatch.GetElapsedTime(_began) > ExpressionLimits.Time)
        {
            throw new FunctionException($"The expression takes longer than {ExpressionLimits.Time.TotalSeconds} s.") { IsLimit = true };
        }
    }

    /// <summary>Charges a string of this length that is about to be built.</summary>
    public void ChargeText(long length)
    {
        if (length > ExpressionLimits.TextLength)
        {
            throw new FunctionException($"The expression builds a string of more than {ExpressionLimits.TextLength:N0} characters.") { IsLimit = true };
        }

        Charge(length);
    }

    /// <summary>Charges a piece appended to a string, and enforces the string's limit.</summary>
    public void ChargePiece(long length, long piece)
    {
        if (length > ExpressionLimits.TextLength)
        {
            ChargeText(length);
        }

        Charge(piece + Item);
    }

    /// <summary>Charges a list of this length that is about to be built.</summary>
    public void ChargeList(long length)
    {
        if (length > ExpressionLimits.ListLength)
        {
            throw new FunctionException($"The expression builds a list of more than {ExpressionLimits.ListLength:N0} items.") { IsLimit = true };
        }

        Charge(length * Item);
    }

    /// <summary>Charges a search for a string in a string, which at worst compares every part with every part.</summary>
    public void ChargeSearch(long length, long pattern) => Charge(length + (length * pattern / 64));

    /// <summary>Enters one level of nested values; <see cref="Leave"/> returns from it.</summary>
    public void Enter()
    {
        if (++_depth > ExpressionLimits.ValueDepth)
        {
            throw new FunctionException($"The expression builds values that are nested deeper than {ExpressionLimits.ValueDepth} levels.") { IsLimit = true };
        }
    }

    public void Leave() => _depth--;
}
