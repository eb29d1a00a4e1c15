using System.Collections.Immutable;
using System.Text.Json;
using Acornima.Ast;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>An expression that the script engine evaluates, with a new engine each time and only JSON as input and output.</summary>
internal sealed class ScriptExpression(Prepared<Script> script, ImmutableArray<Expression> reads, ExpressionSource source) : Expression
{
    public ExpressionSource Source { get; } = source;

    /// <summary>The expressions that the script reads by index.</summary>
    public ImmutableArray<Expression> Reads { get; } = reads;

    public override void WriteTo(Utf8JsonWriter writer, IScope scope) => Evaluate(scope, (run, value) =>
    {
        JsonOutput.Write(writer, value, run.Budget);
        return true;
    });

    public override void WriteText(Utf8JsonWriter writer, IScope scope) => Evaluate(scope, (run, value) =>
    {
        switch (value)
        {
            case JsNull or JsUndefined:
                break;
            case JsString text:
                WellFormedText.Write(writer, text.ToString());
                break;
            case JsNumber number when double.IsFinite((double)number.ToObject()):
                WellFormedText.Write(writer, number.ToString());
                break;
            default:
                writer.WriteStringValueSegment(JsonOutput.ToUtf8(value, run.Budget).WrittenSpan, isFinalSegment: false);
                break;
        }

        return true;
    });

    public override bool IsTrue(IScope scope) => Evaluate(scope, static (_, value) => TypeConverter.ToBoolean(value));

    /// <summary>The only method that runs scripts. It turns every failure into a message with a location.</summary>
    private T Evaluate<T>(IScope scope, Func<ScriptRun, JsValue, T> use)
    {
        try
        {
            using var engine = new Jint.Engine(ScriptProfile.Options);
            var run = new ScriptRun(this, engine, scope);
            run.Begin();
            return use(run, engine.Evaluate(script));
        }
        catch (FunctionException exception)
        {
            throw Source.Failure(0, exception.Message, exception);
        }
        catch (Exception exception) when (exception is not ExpressionException and not OutOfMemoryException)
        {
            throw Source.Failure(0, MessageOf(exception), exception, IsLimit(exception));
        }
    }

    private static bool IsLimit(Exception exception) => exception is TimeoutException or MemoryLimitExceededException or StatementsCountOverflowException
        or RecursionDepthOverflowException or InsufficientExecutionStackException or System.Text.RegularExpressions.RegexMatchTimeoutException;

    /// <summary>Returns the message of an engine exception for the author of the expression.</summary>
    public static string MessageOf(Exception exception) => exception switch
    {
        System.Text.RegularExpressions.RegexMatchTimeoutException => $"A regular expression takes longer than {ExpressionLimits.RegexTime.TotalMilliseconds} ms to match.",
        TimeoutException => $"The expression takes longer than {ExpressionLimits.Time.TotalSeconds} s.",
        MemoryLimitExceededException => $"The expression takes more than {ExpressionLimits.Memory / 1_000_000} MB of memory.",
        StatementsCountOverflowException => $"The expression calls arrow functions more than {ExpressionLimits.Statements:N0} times.",
        RecursionDepthOverflowException or InsufficientExecutionStackException => $"The expression's calls are nested deeper than {ExpressionLimits.Recursion} levels.",
        JintException => $"The expression can't be evaluated: {exception.Message}",
        // The original message names CLR types, which mean nothing to an author.
        _ => "The expression can't be evaluated because of a defect of the host. Report it, and write the expression in a simpler way.",
    };
}
