using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks.Bodies;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("invoice.pdf", "invoice.pdf")]
    [InlineData("Ünïcode 名.txt", "Ünïcode 名.txt")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("/etc/passwd", "passwd")]
    [InlineData("..\\..\\windows\\system32\\a.dll", "a.dll")]
    [InlineData("C:\\Users\\ada\\cv.doc", "cv.doc")]
    [InlineData("C:cv.doc", "cv.doc")]
    [InlineData("a.txt:stream", "stream")]
    [InlineData("a\0.png", "a.png")]
    [InlineData("a\r\nX-Forged 1.png", "aX-Forged 1.png")]
    [InlineData("photo\u202Egnp.exe", "photognp.exe")]
    [InlineData("..", null)]
    [InlineData(".", null)]
    [InlineData("a/", null)]
    [InlineData(" ", null)]
    [InlineData("\u0001\u0002", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_name_is_a_name_alone(string? given, string? clean) => Assert.Equal(clean, FileName.Clean(given));

    [Fact]
    public void A_name_is_cut_at_255_without_halving_a_character()
    {
        var name = FileName.Clean(new string('a', 254) + "😀")!;

        Assert.Equal(new string('a', 254), name);
    }
}
