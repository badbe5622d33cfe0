namespace AlbertSearch.Server.Endpoints;

/// <summary>
/// Lets a few requests at a time into the model. The encoder uses all processors for each of them, so that more would
/// only block threads that the web server needs. Safe for use from many threads.
/// </summary>
internal sealed class ModelGate : IDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(2, Environment.ProcessorCount));

    /// <summary>Runs work on the model once there is a place.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _places.Dispose();
}
