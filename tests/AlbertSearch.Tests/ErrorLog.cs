using Microsoft.Extensions.Logging;

namespace AlbertSearch.Tests;

/// <summary>Tells when something goes wrong behind the scenes.</summary>
internal sealed class ErrorLog : ILoggerFactory, ILogger
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first error that was logged.</summary>
    public Task<string> First => _first.Task;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _first.TrySetResult(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
