using System.Runtime.CompilerServices;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;

namespace AlbertSearch.Server.Bulk;

/// <summary>Reads NDJSON: a document a line. Blank lines are passed over.</summary>
internal static class NdjsonDocuments
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/x-ndjson";

    /// <summary>Reads a body to its end.</summary>
    /// <param name="body">The text.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<ImportedLine> ReadAsync(Stream body, LimitOptions limits, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var lines = new LineReader(body, limits.LineBytes);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.IsBlank)
            {
                yield return Parse(line, limits);
            }
        }
    }

    private static ImportedLine Parse(BodyLine line, LimitOptions limits)
    {
        if (line.TooLong)
        {
            return ImportedLine.TooLong(line.Number, limits.LineBytes);
        }

        try
        {
            return new ImportedLine(line.Number, DocumentJson.ReadOne(line.Bytes.Span, limits), Failure: null);
        }
        catch (ProblemException problem)
        {
            return ImportedLine.Bad(line.Number, problem);
        }
    }
}
