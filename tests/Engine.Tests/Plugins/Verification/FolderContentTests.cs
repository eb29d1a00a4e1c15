using System.Security.Cryptography;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Tests.Plugins.Verification;

public sealed class FolderContentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-content-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_are_listed_with_their_folders_in_the_order_of_their_code_units()
    {
        Write("b.txt", "");
        Write("a/z.txt", "");
        Write("B.txt", "");

        Assert.Equal(["B.txt", "a/z.txt", "b.txt"], FolderContent.List(_folder));
    }

    [Fact]
    public void The_hash_is_the_same_for_the_same_files()
    {
        Write("a.txt", "one");
        var before = FolderContent.Hash(_folder);

        File.Delete(Path.Combine(_folder, "a.txt"));
        Write("a.txt", "one");

        Assert.Equal(before, FolderContent.Hash(_folder));
    }

    [Theory]
    [InlineData("a.txt", "two", "b.txt", "")]
    [InlineData("A.txt", "one", "b.txt", "")]
    [InlineData("a.txt", "", "b.txt", "one")]
    [InlineData("a.txt", "one", "c/b.txt", "")]
    public void The_hash_changes_with_a_content_or_a_name(string name, string content, string otherName, string otherContent)
    {
        Write("a.txt", "one");
        Write("b.txt", "");
        var before = FolderContent.Hash(_folder);

        Directory.Delete(_folder, recursive: true);
        Write(name, content);
        Write(otherName, otherContent);

        Assert.NotEqual(before, FolderContent.Hash(_folder));
    }

    [Fact]
    public void A_large_file_is_read_in_pieces()
    {
        const int megabytes = 64;
        using (var file = File.Create(Path.Combine(_folder, "model.bin")))
        {
            file.SetLength(megabytes << 20);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var hash = FolderContent.Hash(_folder);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. "model.bin\0"u8, .. BitConverter.GetBytes((long)megabytes << 20), .. new byte[megabytes << 20]])), hash);
    }

    [Fact]
    public void A_link_to_a_folder_is_not_followed()
    {
        Write("a.txt", "one");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "again"), _folder);

        Assert.Equal(["a.txt"], FolderContent.List(_folder));
    }

    [Theory]
    [MemberData(nameof(OddFile.Kinds), MemberType = typeof(OddFile))]
    public void What_is_no_regular_file_is_not_read_and_told_by_name(string kind, string called)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is asked what a file is.");
        Write("a.txt", "one");
        OddFile.Create(Path.Combine(_folder, "odd"), kind);

        var refused = Assert.Throws<IrregularFileException>(() => FolderContent.Hash(_folder));

        Assert.StartsWith($"The folder holds 'odd', which is {called}.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_a_regular_file_is_read_as_that_file()
    {
        Write("a.txt", "one");
        var before = FolderContent.Hash(_folder);
        Write("b.txt", "one");
        File.Delete(Path.Combine(_folder, "a.txt"));
        File.Move(Path.Combine(_folder, "b.txt"), _folder + ".txt");
        File.CreateSymbolicLink(Path.Combine(_folder, "a.txt"), _folder + ".txt");

        Assert.Equal(before, FolderContent.Hash(_folder));
        File.Delete(_folder + ".txt");
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
