using System.Net;

namespace AlbertSearch.Testing.Crash;

/// <summary>The server said 429 or 503.</summary>
/// <param name="status">Which.</param>
/// <param name="message">The request and the answer.</param>
internal sealed class ServerRefusedException(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status => status;
}
