using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Endpoints;

/// <summary>Waits for operations in the course of a request.</summary>
internal static class OperationWait
{
    /// <summary>Waits until an operation has ended.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="operationId">The operation.</param>
    /// <param name="stopping">The server is stopping.</param>
    /// <param name="cancellationToken">The caller is gone.</param>
    /// <exception cref="ProblemException">The server stops first.</exception>
    public static async Task<Operation> UntilEndedAsync(AlbertSearchEngine engine, string operationId, CancellationToken stopping, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        try
        {
            return await engine.WaitAsync(operationId, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new ProblemException(ErrorCodes.NotReady, $"The server is stopping. Operation {operationId} is accepted and goes on when the server is back.");
        }
    }

    /// <summary>Waits until an operation has done what it was for.</summary>
    /// <exception cref="ProblemException">It failed or was canceled, or the server stops first.</exception>
    public static async Task<Operation> UntilCompletedAsync(AlbertSearchEngine engine, string operationId, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var operation = await UntilEndedAsync(engine, operationId, stopping, cancellationToken);
        return operation.State switch
        {
            OperationState.Failed => throw new ProblemException(ErrorCodes.Internal, $"Operation {operationId} was accepted and failed: {operation.Error}"),
            OperationState.Canceled => throw new ProblemException(ErrorCodes.Conflict, $"Operation {operationId} was accepted and then canceled."),
            _ => operation,
        };
    }
}
