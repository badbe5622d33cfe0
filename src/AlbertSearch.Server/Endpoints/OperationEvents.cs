using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary>The course of an operation as server-sent events.</summary>
internal static class OperationEvents
{
    /// <summary>The type of the events while it runs.</summary>
    public const string Progress = "progress";

    /// <summary>The type of the last event.</summary>
    public const string End = "end";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>An event for how it is, one for each change that is seen, and a last one when it has ended.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="operation">The operation as it is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stopping">Ends the stream without a last event: the server is stopping, the operation goes on later.</param>
    /// <param name="cancellationToken">The caller is gone.</param>
    public static async IAsyncEnumerable<SseItem<OperationResponse>> WatchAsync(
        AlbertSearchEngine engine,
        Operation operation,
        TimeProvider time,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = operation;
        yield return Event(operation);
        while (!HasEnded(operation) && !stopping.IsCancellationRequested)
        {
            await Task.Delay(LookAgain, time, cancellationToken);
            if (await engine.FindOperationAsync(operation.Id, cancellationToken) is not { } current)
            {
                yield break;
            }

            operation = current;
            if (operation.Done != seen.Done || operation.State != seen.State || operation.Documents != seen.Documents)
            {
                seen = operation;
                yield return Event(operation);
            }
        }
    }

    private static SseItem<OperationResponse> Event(Operation operation) => new(OperationResponse.Of(operation), HasEnded(operation) ? End : Progress);

    private static bool HasEnded(Operation operation) => operation.State is OperationState.Completed or OperationState.Failed or OperationState.Canceled;
}
