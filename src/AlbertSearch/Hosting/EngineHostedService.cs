using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AlbertSearch.Hosting;

/// <summary>Opens the engine beside the rest of the host's start, and closes it when the host stops. A start that fails ends the process with exit code 1.</summary>
internal sealed class EngineHostedService(
    AlbertSearchEngineProvider provider,
    IOptions<AlbertSearchOptions> options,
    TimeProvider time,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<EngineHostedService>();

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var engine = provider.BeginStop();
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if ((engine ?? provider.BeginStop()) is { } opened)
        {
            // The host's bound on the whole stop holds here, too: requests may have taken a part of it.
            await opened.Parts.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            provider.SetOpened(await AlbertSearchEngine.OpenAsync(options.Value, time, loggers, stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            provider.SetCanceled();
        }
        catch (Exception error)
        {
            // The cause is in the message when it is one that a user can do something about; a defect needs its stack.
            var expected = error is AlbertSearchException or ModelFormatException or OptionsValidationException;
            _logger.LogCritical(expected ? null : error, "AlbertSearch can't start. {Reason}", error.Message);
            provider.SetFailed(error);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }
}
