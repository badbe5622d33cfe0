using System.Threading.RateLimiting;
using AlbertSearch.Errors;
using AlbertSearch.Server.Configuration;
using AlbertSearch.Server.Problems;
using Microsoft.AspNetCore.RateLimiting;

namespace AlbertSearch.Server.Endpoints;

/// <summary>Bounds how many requests are worked on, and how many wait for their turn; more are answered 429. Reads from storage and health are not bounded.</summary>
internal static class Admission
{
    /// <summary>Requests that use the model or search.</summary>
    public const string Queries = "queries";

    /// <summary>Requests that change documents.</summary>
    public const string Writes = "writes";

    /// <summary>Adds the limits, each kind with its own.</summary>
    public static IServiceCollection AddAdmission(this IServiceCollection services, ServerOptions options) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.AddConcurrencyLimiter(Queries, Bound);
            limiter.AddConcurrencyLimiter(Writes, Bound);
            limiter.OnRejected = static (rejected, _) => new ValueTask(ProblemWriter.WriteAsync(
                rejected.HttpContext,
                StatusCodes.Status429TooManyRequests,
                ErrorCodes.Busy,
                "Too many requests at once (Server:ConcurrentRequests, Server:WaitingRequests); try again.",
                retryAfter: TimeSpan.FromSeconds(1)));

            void Bound(ConcurrencyLimiterOptions bound)
            {
                bound.PermitLimit = options.ConcurrentRequests;
                bound.QueueLimit = options.WaitingRequests;
                bound.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
            }
        });
}
