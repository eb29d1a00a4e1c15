using Jint;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>
/// The hardened settings of every engine. They are no sandbox on their own: the grammar and <see cref="WorkBudget"/> complete it.
/// </summary>
internal static class ScriptProfile
{
    public static readonly Options Options = Create();

    private static Options Create()
    {
        var options = new Options();
        options.Strict();
        options.LimitMemory(ExpressionLimits.Memory);
        options.TimeoutInterval(ExpressionLimits.Time);
        options.MaxStatements(ExpressionLimits.Statements);
        options.LimitRecursion(ExpressionLimits.Recursion);
        options.MaxArraySize(ExpressionLimits.ListLength);
        options.RegexTimeoutInterval(ExpressionLimits.RegexTime);
        options.MaxJsonParseDepth(ExpressionLimits.ValueDepth);
        options.DisableStringCompilation();
        options.Culture(System.Globalization.CultureInfo.InvariantCulture);
        options.LocalTimeZone(TimeZoneInfo.Utc);

        // Without it a script of 37 characters can crash the process.
        options.Constraints.StackOverflowGuard = true;
        options.AgentCanSuspend = false;
        options.Interop.AllowWrite = false;
        options.Interop.ArrayConversion = ArrayConversionMode.Copy;
        return options;
    }
}
