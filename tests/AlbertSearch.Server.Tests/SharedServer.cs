namespace AlbertSearch.Server.Tests;

/// <summary>One server for all tests that leave each other's documents alone: they use ids of their own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServer : IAsyncLifetime, ICollectionFixture<SharedServer>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "shared server";

    /// <summary>The server.</summary>
    public RunningServer Server { get; private set; } = null!;

    /// <inheritdoc />
    public async Task InitializeAsync() => Server = await RunningServer.StartAsync();

    /// <inheritdoc />
    public async Task DisposeAsync() => await Server.DisposeAsync();
}
