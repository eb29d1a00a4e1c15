using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Sluice.Engine.Text;

/// <summary>
/// Resolves plain scalars by the core schema of YAML 1.2.2, section 10.3.2: <c>no</c>, <c>on</c> and <c>yes</c> are strings.
/// </summary>
internal static partial class YamlScalar
{
    public static SourceNode Read(string word, Position at, ICollection<Problem> problems) => word switch
    {
        "" or "~" or "null" or "Null" or "NULL" => new SourceNode.Literal("null", at),
        "true" or "True" or "TRUE" => new SourceNode.Literal("true", at),
        "false" or "False" or "FALSE" => new SourceNode.Literal("false", at),
        _ when char.IsAsciiDigit(word[0]) || word[0] is '-' or '+' or '.' => ReadNumber(word, at, problems),
        _ => new SourceNode.Text(word, at),
    };

    private static SourceNode ReadNumber(string word, Position at, ICollection<Problem> problems)
    {
        if (NotFinite().IsMatch(word))
        {
            problems.Add(new Problem("yaml-number", $"JSON has no number '{word}'; put it in quotes to make it a string.", At: at));
            return new SourceNode.Text(word, at);
        }

        if (LeadingZero().IsMatch(word))
        {
            var message = $"'{word}' could be a number or a code: put it in quotes to make it a string, or leave out the leading zeros.";
            problems.Add(new Problem("yaml-number", message, At: at));
            return new SourceNode.Text(word, at);
        }

        if (Number().IsMatch(word))
        {
            return new SourceNode.Literal(AsJson(word), at);
        }

        return OtherBase(word) is { } number
            ? new SourceNode.Literal(number.ToString(CultureInfo.InvariantCulture), at)
            : new SourceNode.Text(word, at);
    }

    // JSON requires a digit on both sides of the point, and forbids a leading plus sign.
    private static string AsJson(string number)
    {
        var json = number.TrimStart('+').Replace(".e", ".0e", StringComparison.OrdinalIgnoreCase);
        json = json.EndsWith('.') ? json + "0" : json;
        return json.StartsWith('.') ? "0" + json : json.Replace("-.", "-0.", StringComparison.Ordinal);
    }

    private static BigInteger? OtherBase(string word)
    {
        if (Hexadecimal().IsMatch(word))
        {
            // A leading zero keeps the number positive.
            return BigInteger.Parse("0" + word[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return Octal().IsMatch(word)
            ? word[2..].Aggregate(BigInteger.Zero, (value, digit) => (value * 8) + (digit - '0'))
            : null;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[-+]?0[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex LeadingZero();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex NotFinite();

    [GeneratedRegex(@"^0x[0-9a-fA-F]{1,64}\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^0o[0-7]{1,64}\z")]
    private static partial Regex Octal();
}
