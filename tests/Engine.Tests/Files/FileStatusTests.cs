using System.Diagnostics;
using Sluice.Engine.Files;

namespace Sluice.Engine.Tests.Files;

public sealed class FileStatusTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-");

    private string File1 => Path.Combine(_folder.FullName, "one");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_has_its_size_and_is_itself_through_a_link_and_after_a_write()
    {
        File.WriteAllText(File1, "abc");
        var link = Path.Combine(_folder.FullName, "link");
        File.CreateSymbolicLink(link, File1);
        var before = FileStatus.Of(File1)!.Value;
        File.AppendAllText(File1, "d");

        var after = FileStatus.Of(link)!.Value;

        Assert.Equal((FileKind.Regular, 3L, 4L), (before.Kind, before.Size, after.Size));
        Assert.True(after.IsSameFile(before));
    }

    [Fact]
    public void A_file_of_the_same_name_and_content_is_another()
    {
        File.WriteAllText(File1, "abc");
        var first = FileStatus.Of(File1)!.Value;
        File.Move(File1, $"{File1}.old");
        File.WriteAllText(File1, "abc");

        Assert.False(FileStatus.Of(File1)!.Value.IsSameFile(first));
    }

    [Fact]
    public void Nothing_has_no_status_and_a_link_to_nothing_has_none_either()
    {
        File.CreateSymbolicLink(File1, Path.Combine(_folder.FullName, "nowhere"));

        Assert.Null(FileStatus.Of(File1));
        Assert.Null(FileStatus.Of(Path.Combine(_folder.FullName, "nothing")));
    }

    [Fact]
    public void A_folder_and_a_fifo_are_told_from_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "FIFOs are made with mkfifo.");
        using (var made = Process.Start("mkfifo", [File1]))
        {
            made.WaitForExit();
        }

        Assert.Equal(FileKind.Directory, FileStatus.Of(_folder.FullName)!.Value.Kind);
        Assert.Equal(FileKind.Fifo, FileStatus.Of(File1)!.Value.Kind);
        Assert.Equal(FileKind.CharacterDevice, FileStatus.Of("/dev/zero")!.Value.Kind);
    }
}
