using System.Text.RegularExpressions;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests;

/// <summary>Holds the Markdown pages of the repository to their links, and the code to the pages that it names.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>The characters of two lines in a column of a page.</summary>
    private const int LongestCell = 200;

    private static readonly string Root = SluiceProgram.RepositoryRoot;

    private static readonly string[] Pages =
        [.. Directory.EnumerateFiles(Root, "*.md"), .. new[] { "docs", "examples", "templates" }.SelectMany(folder => Files(folder, "*.md"))];

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading()
    {
        var broken = from page in Pages
                     from link in Links.Matches(WithoutListings(page)).Select(match => match.Groups[1].Value)
                     where !link.Contains(':', StringComparison.Ordinal) && !Leads(page, link)
                     select $"{Path.GetRelativePath(Root, page)}: {link}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_that_code_names_is_there()
    {
        string[] folders = ["src", "plugins", "tests", "examples", "bench", "templates"];
        string[] kinds = ["*.cs", "*.csproj", "*.props", "*.targets", "*.yaml", "*.sh"];
        var named = from folder in folders
                    from kind in kinds
                    from file in Files(folder, kind)
                    from Match page in NamedPages.Matches(File.ReadAllText(file))
                    where !File.Exists(Path.Combine(Root, page.Value))
                    select $"{Path.GetRelativePath(Root, file)}: {page.Value}";

        Assert.Empty(named);
    }

    [Fact]
    public void Tables_have_at_most_four_columns_and_no_cell_longer_than_two_lines()
    {
        var wrong = from page in Pages
                    from row in WithoutListings(page).Split('\n').Where(line => line.StartsWith('|'))
                    let cells = Cells.Split(row).Skip(1).SkipLast(1).Select(cell => Targets.Replace(cell.Trim(), "]")).ToArray()
                    where cells.Length > 4 || cells.Any(cell => cell.Length > LongestCell)
                    select $"{Path.GetRelativePath(Root, page)}: {row}";

        Assert.Empty(wrong);
    }

    private static bool Leads(string page, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
        return parts.Length == 1
            ? Path.Exists(target)
            : File.Exists(target) && Headings.Matches(WithoutListings(target)).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]);
    }

    // As GitHub makes them: the text in lower case, without punctuation, with a hyphen for each space.
    private static string Anchor(string heading) => Punctuation.Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string WithoutListings(string page) => Listings.Replace(File.ReadAllText(page), "");

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links { get; }

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex Targets { get; }

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cells { get; }

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings { get; }

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Listings { get; }

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation { get; }

    [GeneratedRegex(@"(?<![\w./])docs/[\w/-]+\.md")]
    private static partial Regex NamedPages { get; }
}
