using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Sluice.Engine.Embedding;

/// <summary>Checks settings against the rules on their properties. Each message has the setting, its value and the rule.</summary>
internal static class SettingCheck
{
    /// <summary>The problems of settings, those of nested groups included.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="prefix">What stands before the name of each setting.</param>
    public static IEnumerable<string> Check(object settings, string prefix = "")
    {
        foreach (var property in settings.GetType().GetProperties())
        {
            var (key, value) = (prefix + property.Name, property.GetValue(settings));
            var shown = property.GetCustomAttribute<AliasAttribute>() is { Name: var alias } ? $"{key} ({alias})" : key;
            foreach (var problem in property.GetCustomAttributes<ValidationAttribute>().SelectMany(rule => Check(rule, shown, value)))
            {
                yield return problem;
            }

            if (value is not null && IsGroup(property.PropertyType, settings))
            {
                foreach (var problem in Check(value, $"{key}:"))
                {
                    yield return problem;
                }
            }
        }

        foreach (var result in settings is IValidatableObject own ? own.Validate(new ValidationContext(settings)) : [])
        {
            yield return result.ErrorMessage!;
        }
    }

    /// <summary>What a rule demands of a value, to follow "must be"; null if it is no bound.</summary>
    public static string? RuleOf(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => RuleOf(range),
        OneOfAttribute choice => choice.Rule,
        ZeroOrAtLeastAttribute bound => bound.Rule,
        _ => null,
    };

    private static string RuleOf(RangeAttribute range)
    {
        // Converts the bounds, which are strings until the first use.
        range.IsValid(null);
        var (least, most) = (Text(range.Minimum), Text(range.Maximum));
        return (range.MinimumIsExclusive, IsUnbounded(range.Maximum)) switch
        {
            (true, true) => $"above {least}",
            (true, false) => $"above {least} and at most {most}",
            (false, true) => $"at least {least}",
            (false, false) => $"from {least} to {most}",
        };
    }

    private static IEnumerable<string> Check(ValidationAttribute rule, string key, object? value) => rule switch
    {
        ItemRuleAttribute items => items.WrongItems(value).Select(item => $"{key} holds \"{item}\", which is {items.Rule}."),
        RequiredAttribute when !rule.IsValid(value) => [$"{key} is required."],
        _ when rule.IsValid(value) => [],
        FolderAttribute => [$"{key} is {Quoted(value)}; it must be the path of a folder."],
        _ => [$"{key} is {Quoted(value)}; it must be {RuleOf(rule) ?? throw new InvalidOperationException($"The rule of {key} has no text.")}."],
    };

    private static bool IsGroup(Type type, object settings) => type.IsClass && type.Namespace == settings.GetType().Namespace;

    private static bool IsUnbounded(object most) => most is int.MaxValue or double.PositiveInfinity;

    private static string Quoted(object? value) => value is string text ? $"\"{text}\"" : Text(value);

    private static string Text(object? value) => value switch
    {
        null => "empty",
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>Requires each item of a list to have a form.</summary>
/// <param name="rule">What a wrong item is and how to fix it, to follow "which is".</param>
internal abstract class ItemRuleAttribute(string rule) : ValidationAttribute
{
    public string Rule => rule;

    public IEnumerable<string> WrongItems(object? value) => value is IEnumerable<string> items ? items.Where(item => !IsRight(item)) : [];

    public override bool IsValid(object? value) => !WrongItems(value).Any();

    protected abstract bool IsRight(string item);
}

/// <summary>Requires one of some words, in any case.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] words) : ValidationAttribute
{
    public string Rule => string.Join(" or ", words);

    public override bool IsValid(object? value) => value is null || (value is string word && words.Contains(word, StringComparer.OrdinalIgnoreCase));
}

/// <summary>Requires 0, which means no bound, or a number that is not too small.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ZeroOrAtLeastAttribute(long least) : ValidationAttribute
{
    public string Rule => $"0 (no bound) or at least {least}";

    public override bool IsValid(object? value) => value is null or 0L || (value is long number && number >= least);
}

/// <summary>Another name that an operator may know a setting by.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AliasAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>Checks the options of an engine when it starts.</summary>
internal sealed class EngineOptionsCheck : IValidateOptions<SluiceEngineOptions>
{
    public ValidateOptionsResult Validate(string? name, SluiceEngineOptions options)
    {
        string[] problems = [.. SettingCheck.Check(options, $"{nameof(SluiceEngineOptions)}.")];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
