using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>Feeds a body of NDJSON, a document a line, into a bulk load. Bad lines are reported and the others go in.</summary>
/// <param name="limits">Bounds.</param>
internal sealed class NdjsonImport(LimitOptions limits)
{
    /// <summary>Reads the body to its end. Memory does not grow with its length.</summary>
    /// <param name="body">The text.</param>
    /// <param name="begin">Opens the bulk load; called once there is a line.</param>
    /// <param name="cancellationToken">Stops reading; what was committed stays.</param>
    /// <returns>The accepted operation.</returns>
    /// <exception cref="ProblemException">There is no line in the body.</exception>
    public async Task<Operation> RunAsync(Stream body, Func<Task<BulkLoad>> begin, CancellationToken cancellationToken)
    {
        BulkLoad? load = null;
        try
        {
            using var lines = new LineReader(body, limits.LineBytes);
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                if (IsBlank(line))
                {
                    continue;
                }

                load ??= await begin();
                if (Parse(line, out var failure) is { } document)
                {
                    await load.AddAsync(document, line.Number, cancellationToken);
                }
                else
                {
                    await load.RejectAsync(failure!, cancellationToken);
                }
            }

            return load is null ? throw SampleJson.Empty("The body") : await load.CompleteAsync(cancellationToken);
        }
        finally
        {
            if (load is not null)
            {
                await load.DisposeAsync();
            }
        }
    }

    private static bool IsBlank(BodyLine line)
    {
        var bytes = line.Bytes.Span;
        if (line.Number == 1 && bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }

        return !line.TooLong && bytes.IndexOfAnyExcept(" \t\r"u8) < 0;
    }

    private DocumentInput? Parse(BodyLine line, out FailedDocument? failure)
    {
        failure = null;
        if (line.TooLong)
        {
            failure = new FailedDocument
            {
                Line = line.Number,
                Column = limits.LineBytes + 1L,
                Code = ErrorCodes.TooLong,
                Message = $"The line is longer than the limit of {limits.LineBytes} bytes (Limits:LineBytes).",
            };
            return null;
        }

        try
        {
            return DocumentJson.ReadOne(line.Bytes.Span, limits);
        }
        catch (ProblemException problem)
        {
            failure = new FailedDocument
            {
                Line = line.Number,
                Column = problem.Column,
                Code = problem.Code,
                Message = problem.Message,
            };
            return null;
        }
    }
}
