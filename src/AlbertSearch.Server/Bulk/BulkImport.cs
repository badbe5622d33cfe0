using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Bulk;

/// <summary>Feeds the lines of a body into a bulk load: bad ones are reported and the others go in.</summary>
internal static class BulkImport
{
    /// <summary>Takes all lines. Memory does not grow with their number.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="begin">Opens the bulk load; called once there is a line.</param>
    /// <param name="mayBeEmpty">Whether no line is right, too: the rest of an upload of which all lines were committed before it was cut off.</param>
    /// <param name="cancellationToken">Stops; what was committed stays.</param>
    /// <returns>The accepted operation.</returns>
    /// <exception cref="ProblemException">There is no line.</exception>
    public static async Task<Operation> RunAsync(IAsyncEnumerable<ImportedLine> lines, Func<Task<BulkLoad>> begin, bool mayBeEmpty, CancellationToken cancellationToken)
    {
        BulkLoad? load = null;
        try
        {
            await foreach (var line in lines.WithCancellation(cancellationToken))
            {
                load ??= await begin();
                if (line.Document is { } document)
                {
                    await load.AddAsync(document, line.Number, line.ColumnOf, line.LastNumber, cancellationToken);
                }
                else
                {
                    await load.RejectAsync(line.Failure!, line.LastNumber, cancellationToken);
                }
            }

            if (mayBeEmpty)
            {
                load ??= await begin();
            }

            return load is null
                ? throw new ProblemException(ErrorCodes.Empty, "The body holds no document.")
                : await load.CompleteAsync(cancellationToken);
        }
        finally
        {
            if (load is not null)
            {
                await load.DisposeAsync();
            }
        }
    }
}
