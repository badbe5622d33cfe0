namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class SqliteOperationQueueTests : OperationQueueContract
{
    protected override async Task<StorageUnderTest> OpenAsync(int maxWrites = 1_000) => await SqliteStorageUnderTest.OpenAsync(Time, maxWrites);
}
