using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Tests.Plugins.Loading;

public sealed class ShadowStoreTests : IAsyncDisposable
{
    private readonly PluginSandbox _sandbox = new();

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public void A_copy_holds_the_same_files_and_is_named_by_their_hash()
    {
        var folder = Sample();

        var (path, hash) = Place(folder);

        Assert.Equal(hash, Path.GetFileName(path));
        Assert.Equal(folder.Files, FolderContent.List(path));
        Assert.Equal(hash, FolderContent.Hash(path));
    }

    [Fact]
    public void A_whole_copy_is_used_again()
    {
        var folder = Sample();
        var (path, _) = Place(folder);
        var made = Directory.GetCreationTimeUtc(path);

        Assert.Equal(path, Place(folder).Path);

        Assert.Equal(made, Directory.GetCreationTimeUtc(path));
        Assert.Equal([path], Directory.GetDirectories(_sandbox.ShadowDirectory));
    }

    [Fact]
    public void A_damaged_copy_is_made_anew()
    {
        var folder = Sample();
        var (path, hash) = Place(folder);
        File.WriteAllText(Path.Combine(path, "Sample.dll"), "");

        Place(folder);

        Assert.Equal(hash, FolderContent.Hash(path));
    }

    [Fact]
    public void Two_folders_of_the_same_content_share_one_copy()
    {
        var first = PluginFolder.Read(_sandbox.Add("Sample", "First"));
        var second = PluginFolder.Read(_sandbox.Add("Sample", "Second"));

        Assert.Equal(Place(first), Place(second));
    }

    [Fact]
    public void A_folder_that_lost_a_file_since_it_was_read_leaves_no_copy()
    {
        var folder = Sample();
        var hash = FolderContent.Hash(folder.Path);
        File.Delete(Path.Combine(folder.Path, "Sample.dll"));

        Assert.ThrowsAny<IOException>(() => Store().Place(folder.Path, folder.Files, hash));

        Assert.Empty(Directory.GetDirectories(_sandbox.ShadowDirectory));
    }

    [Fact]
    public void A_folder_that_changed_since_it_was_hashed_is_rejected()
    {
        var folder = Sample();
        var hash = FolderContent.Hash(folder.Path);
        File.AppendAllText(Path.Combine(folder.Path, "Sample.deps.json"), " ");

        var rejected = Assert.Throws<Engine.Plugins.PluginRejectedException>(() => Store().Place(folder.Path, folder.Files, hash));

        RuleBook.AssertRule("folder-changed", Assert.Single(rejected.Rejections).Rule);
    }

    private PluginFolder Sample() => PluginFolder.Read(_sandbox.Add("Sample"));

    private (string Path, string Hash) Place(PluginFolder folder)
    {
        var hash = FolderContent.Hash(folder.Path);
        return (Store().Place(folder.Path, folder.Files, hash), hash);
    }

    private ShadowStore Store() => new(_sandbox.ShadowDirectory, NullLogger.Instance);
}
