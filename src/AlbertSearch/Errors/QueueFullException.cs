namespace AlbertSearch.Errors;

/// <summary>The durable queue is at its bound; nothing of the request was accepted.</summary>
public sealed class QueueFullException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    public QueueFullException(string message, TimeSpan retryAfter)
        : base(ErrorCodes.QueueFull, message)
    {
        RetryAfter = retryAfter;
    }

    /// <summary>When a new try is worth it.</summary>
    public TimeSpan RetryAfter { get; }
}
