namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class SqliteGraphDocumentStoreTests : DocumentStoreContract
{
    protected override async Task<StorageUnderTest> OpenAsync() => await SqliteStorageUnderTest.OpenAsync(Time, kind: IndexOptions.Hnsw);
}
