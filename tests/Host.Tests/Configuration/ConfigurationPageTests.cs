using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Sluice.Engine.Embedding;
using Sluice.Host.Configuration;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Configuration;

/// <summary>Holds <c>docs/reference/configuration.md</c> to the options that the host reads.</summary>
public sealed partial class ConfigurationPageTests
{
    // An option of one start, documented as the command-line option --accept-loss.
    private const string AcceptLoss = "Data:AcceptLoss";

    private static readonly string Page = File.ReadAllText(Path.Combine(SluiceProgram.RepositoryRoot, "docs", "reference", "configuration.md"));

    private static readonly Dictionary<string, object?> Options = OptionsOf(new SluiceOptions(), "").ToDictionary();

    [Fact]
    public void The_page_lists_every_option_and_no_other() =>
        Assert.Equal(Options.Keys.Where(key => key != AcceptLoss).Order(StringComparer.Ordinal), Rows().Select(row => row.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void The_page_shows_the_default_of_every_number() =>
        Assert.All(
            Rows().Where(row => Options[row.Key] is int or long or double && row.Default != "see"),
            row => Assert.Equal((row.Key, Convert.ToDouble(Options[row.Key], CultureInfo.InvariantCulture)), (row.Key, Number(row.Default))));

    [Fact]
    public void The_page_shows_the_range_of_every_option() =>
        Assert.Equal(
            RulesOf(typeof(SluiceOptions), "").OrderBy(rule => rule.Key, StringComparer.Ordinal),
            Page.Split('\n').Where(line => Row().IsMatch(line)).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
                .Where(cells => cells.Length == 6 && cells[3].Length > 0)
                .Select(cells => (Key: cells[1].Split('`')[1], Rule: cells[3]))
                .OrderBy(rule => rule.Key, StringComparer.Ordinal));

    private static IEnumerable<(string Key, string Rule)> RulesOf(Type type, string prefix) => type.GetProperties().SelectMany(property =>
        property.PropertyType.Namespace == type.Namespace
            ? RulesOf(property.PropertyType, $"{prefix}{property.Name}:")
            : property.GetCustomAttributes<ValidationAttribute>().Select(SettingCheck.RuleOf).OfType<string>().Select(rule => (prefix + property.Name, rule)));

    private static IEnumerable<(string Key, string Default)> Rows() =>
        Row().Matches(Page).Select(row => (row.Groups[1].Value, row.Groups[2].Value.StartsWith("see ", StringComparison.Ordinal) ? "see" : row.Groups[2].Value));

    private static double Number(string text)
    {
        var parts = text.Split(' ');
        var unit = parts.ElementAtOrDefault(1) switch { null => 0, "MiB" => 20, "GiB" => 30, _ => throw new FormatException(text) };
        return double.Parse(parts[0], CultureInfo.InvariantCulture) * Math.Pow(2, unit);
    }

    private static IEnumerable<KeyValuePair<string, object?>> OptionsOf(object options, string prefix) =>
        options.GetType().GetProperties().SelectMany(property => property.GetValue(options) switch
        {
            IDictionary => [new($"{prefix}{property.Name}:<Name>", null)],
            { } value when property.PropertyType.Namespace == typeof(SluiceOptions).Namespace => OptionsOf(value, $"{prefix}{property.Name}:"),
            var value => (KeyValuePair<string, object?>[])[new(prefix + property.Name, value)],
        });

    [GeneratedRegex(@"^\| `([A-Z][\w:<>]+)`[^|]*\| ([^|]*?) ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
