using AlbertSearch.Errors;

namespace AlbertSearch.Server.Problems;

/// <summary>Turns every error on the way of a request, and every bare error status, into a problem with a code. Nothing of the inside is told but for errors that are made for callers.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    private const int ClientClosedRequest = 499;

    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            var response = context.Response;
            if (response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
            {
                await ProblemWriter.WriteAsync(context, response.StatusCode, ProblemStatus.CodeOf(response.StatusCode), Describe(context));
            }
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested && error is OperationCanceledException or IOException)
        {
            // The caller is gone: nobody reads an answer.
            logger.LogDebug("{Method} {Path}: the connection was closed by the caller.", context.Request.Method, context.Request.Path);
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = ClientClosedRequest;
            }
        }
        catch (Exception error) when (context.Response.HasStarted)
        {
            // Half an answer is out: only a broken connection tells the caller that the rest is missing.
            logger.LogError(error, "{Method} {Path} failed after its answer had begun.", context.Request.Method, context.Request.Path);
            context.Abort();
        }
        catch (Exception error)
        {
            await AnswerAsync(context, error);
        }
    }

    private Task AnswerAsync(HttpContext context, Exception error)
    {
        context.Response.Clear();
        switch (error)
        {
            case ProblemException problem:
                return ProblemWriter.WriteAsync(context, ProblemStatus.Of(problem.Code), problem.Code, problem.Message, problem.Field, problem.RetryAfter);

            case AlbertSearchException known:
                var status = ProblemStatus.Of(known.Code);
                if (status >= 500)
                {
                    logger.LogError(error, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
                }

                return ProblemWriter.WriteAsync(
                    context,
                    status,
                    known.Code,
                    known.Message,
                    (known as InvalidRequestException)?.Field,
                    known switch
                    {
                        QueueFullException full => full.RetryAfter,
                        StorageUnavailableException => TimeSpan.FromSeconds(10),
                        _ => null,
                    });

            case BadHttpRequestException bad:
                return ProblemWriter.WriteAsync(context, bad.StatusCode, ProblemStatus.CodeOf(bad.StatusCode), bad.Message);

            case OperationCanceledException:
                return AnswerStopAsync(context);

            default:
                logger.LogError(error, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
                return ProblemWriter.WriteAsync(context, StatusCodes.Status500InternalServerError, ErrorCodes.Internal, "The server failed to do this; its log says why.");
        }
    }

    private static async Task AnswerStopAsync(HttpContext context)
    {
        await ProblemWriter.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, ErrorCodes.NotReady, "The server is stopping.", retryAfter: TimeSpan.FromSeconds(5));
        await context.Response.CompleteAsync();

        // Whoever goes on sending a body would hold up the stop until its time is over. The answer has a moment to get out.
        await Task.Delay(AnswerTime, context.RequestServices.GetRequiredService<TimeProvider>(), context.RequestAborted);
        context.Abort();
    }

    private static string Describe(HttpContext context)
    {
        var request = context.Request;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is no route {request.Method} {request.Path}; /openapi/v1.json lists them.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not take {request.Method}; it takes {context.Response.Headers.Allow}.",
            var status => $"The request was refused with status {status}.",
        };
    }
}
