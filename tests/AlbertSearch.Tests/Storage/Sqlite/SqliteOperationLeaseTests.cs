namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class SqliteOperationLeaseTests : OperationLeaseContract
{
    protected override async Task<StorageUnderTest> OpenAsync(int maxWrites = 1_000) => await SqliteStorageUnderTest.OpenAsync(Time, maxWrites);
}
