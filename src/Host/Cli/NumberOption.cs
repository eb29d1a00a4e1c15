using System.CommandLine;
using System.Globalization;

namespace Sluice.Host.Cli;

/// <summary>Creates options that take a whole number.</summary>
internal static class NumberOption
{
    /// <param name="name">The name.</param>
    /// <param name="description">The description in the help.</param>
    /// <param name="helpName">The placeholder of the value.</param>
    /// <param name="standard">The value if it is omitted; null if there is none.</param>
    public static Option<long?> Create(string name, string description, string helpName, long? standard = null)
    {
        var option = new Option<long?>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                {
                    return number;
                }

                result.AddError($"{name} must be a whole number above 0, not '{text}'.");
                return null;
            },
        };
        if (standard is not null)
        {
            option.DefaultValueFactory = _ => standard;
        }

        return option;
    }
}
