using Sluice.Engine.Journal;
using Sluice.Engine.Storage;

namespace Sluice.Engine.Tests.Storage.Sqlite;

/// <summary>SQLite keeps the contract of a store.</summary>
public sealed class SqliteStoreTests : StoreContract, IDisposable
{
    private readonly DataDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private protected override IStorage Open() => _directory.Open();
}
