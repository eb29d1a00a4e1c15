using System.Globalization;
using System.Text.Json;

namespace Sluice.Plugins.Http;

/// <summary>The statuses that count as success, as inclusive ranges.</summary>
internal sealed class StatusSet
{
    private const string Form = "A status must be a number from 100 to 599, a class such as `2xx`, a range such as `200-299`, or a list of these.";

    private readonly List<(int From, int To)> _ranges = [];

    public static bool Parse(JsonElement? value, out StatusSet set, out string? problem)
    {
        set = new StatusSet();
        problem = null;
        if (value is not { } given)
        {
            set._ranges.Add((200, 299));
            return true;
        }

        IEnumerable<JsonElement> items = given.ValueKind is JsonValueKind.Array ? given.EnumerateArray() : [given];
        foreach (var item in items)
        {
            if (RangeOf(item) is not { } range)
            {
                problem = Form;
                return false;
            }

            set._ranges.Add(range);
        }

        problem = set._ranges.Count == 0 ? Form : null;
        return problem is null;
    }

    public bool Contains(int status) => _ranges.Any(range => status >= range.From && status <= range.To);

    public override string ToString() => string.Join(" or ", _ranges.Select(range =>
        range.From == range.To ? $"{range.From}" : range.To == range.From + 99 && range.From % 100 == 0 ? $"{range.From / 100}xx" : $"{range.From}-{range.To}"));

    private static (int From, int To)? RangeOf(JsonElement item)
    {
        var text = item.ValueKind is JsonValueKind.String ? item.GetString()! : item.ValueKind is JsonValueKind.Number ? item.GetRawText() : "";
        if (text.Length == 3 && text[0] is >= '1' and <= '5' && text.EndsWith("xx", StringComparison.OrdinalIgnoreCase))
        {
            return ((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99);
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var from = StatusOf(dash < 0 ? text : text[..dash]);
        var to = dash < 0 ? from : StatusOf(text[(dash + 1)..]);
        return from is { } first && to is { } last && first <= last ? (first, last) : null;
    }

    private static int? StatusOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and <= 599 ? status : null;
}
