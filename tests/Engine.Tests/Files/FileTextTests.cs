using Sluice.Engine.Files;

namespace Sluice.Engine.Tests.Files;

public sealed class FileTextTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_is_read_up_to_its_bound_and_no_further()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "12345");

        Assert.Equal("12345", FileText.Decode(FileText.ReadRegular(file, 5)));
        Assert.Equal(FileFault.TooLarge, Assert.Throws<UnfitFileException>(() => FileText.ReadRegular(file, 4)).Fault);
    }

    [Fact]
    public void A_device_that_never_ends_is_read_up_to_the_bound()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/zero");

        Assert.Equal(FileFault.TooLarge, Assert.Throws<UnfitFileException>(() => FileText.Read("/dev/zero", 1000)).Fault);
        Assert.Equal(FileFault.NotRegular, Assert.Throws<UnfitFileException>(() => FileText.ReadRegular("/dev/zero", 1000)).Fault);
    }

    [Fact]
    public void What_is_not_there_and_a_directory_are_told_from_each_other()
    {
        Assert.Equal(FileFault.Unreadable, Assert.Throws<UnfitFileException>(() => FileText.ReadRegular(Path.Combine(_folder.FullName, "nothing"), 10)).Fault);
        Assert.Equal(FileFault.NotRegular, Assert.Throws<UnfitFileException>(() => FileText.ReadRegular(_folder.FullName, 10)).Fault);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xFF }, 2)]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'a', 0 }, 1)]
    [InlineData(new byte[] { 0xC0, 0x80 }, 1)]
    public void Bytes_that_are_not_utf_8_are_refused_with_their_place(byte[] bytes, int place)
    {
        var unfit = Assert.Throws<UnfitFileException>(() => FileText.Decode(bytes));

        Assert.Equal(FileFault.NotUtf8, unfit.Fault);
        Assert.Contains($"byte {place}", unfit.Message, StringComparison.Ordinal);
    }
}
