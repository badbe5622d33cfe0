using System.Diagnostics.CodeAnalysis;

namespace AlbertSearch;

/// <summary>
/// Hands out the engine of a host. The host is up before the engine is: loading the model and rebuilding the index takes
/// time, and a server answers its liveness probe meanwhile. Safe for use from many threads.
/// </summary>
public sealed class AlbertSearchEngineProvider
{
    private readonly TaskCompletionSource<AlbertSearchEngine> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    internal AlbertSearchEngineProvider()
    {
    }

    /// <summary>Why the engine could not be opened; null before the end of the start and after a good one.</summary>
    public Exception? StartupError => _opened.Task.IsFaulted ? _opened.Task.Exception.InnerException : null;

    /// <summary>The engine when it can search: false while it is being opened, after a failed start, and while the host stops.</summary>
    public bool TryGet([NotNullWhen(true)] out AlbertSearchEngine? engine)
    {
        engine = _opened.Task.IsCompletedSuccessfully && !_stopping ? _opened.Task.Result : null;
        return engine is not null;
    }

    /// <summary>Waits until the engine is open.</summary>
    /// <exception cref="OperationCanceledException">The host stopped first, or <paramref name="cancellationToken"/> fired.</exception>
    /// <exception cref="Errors.AlbertSearchException">The engine could not be opened.</exception>
    public Task<AlbertSearchEngine> GetAsync(CancellationToken cancellationToken = default) => _opened.Task.WaitAsync(cancellationToken);

    internal void SetOpened(AlbertSearchEngine engine) => _opened.TrySetResult(engine);

    internal void SetFailed(Exception error) => _opened.TrySetException(error);

    internal void SetCanceled() => _opened.TrySetCanceled();

    /// <summary>From here on <see cref="TryGet"/> says no; returns the engine if there is one to close.</summary>
    internal AlbertSearchEngine? BeginStop()
    {
        _stopping = true;
        return _opened.Task.IsCompletedSuccessfully ? _opened.Task.Result : null;
    }
}
