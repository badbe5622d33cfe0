using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Bulk;

/// <summary>What a line of a bulk body holds: a document, or a fault.</summary>
/// <param name="Number">The line's number, from 1.</param>
/// <param name="Document">The document; null when the line can't be read.</param>
/// <param name="Failure">Why it can't be read; null when it can.</param>
/// <param name="ColumnOf">Tells the column where the value of a field begins, from 1, or null; works until the next line is read.</param>
internal readonly record struct ImportedLine(long Number, DocumentInput? Document, FailedDocument? Failure, Func<string, long?>? ColumnOf = null)
{
    /// <summary>Number of the last line that it takes; its <see cref="Number"/> unless a CSV field holds line ends.</summary>
    public long LastNumber { get; init; } = Number;

    /// <summary>A line that is longer than the limit.</summary>
    public static ImportedLine TooLong(long number, int limitBytes) => Bad(
        number,
        ErrorCodes.TooLong,
        $"The line is longer than the limit of {limitBytes} bytes (Limits:LineBytes).",
        limitBytes + 1L);

    /// <summary>A line that has a fault.</summary>
    public static ImportedLine Bad(long number, ProblemException problem) => Bad(number, problem.Code, problem.Message, problem.Column);

    /// <summary>A line that has a fault.</summary>
    /// <param name="number">The line's number, from 1.</param>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What is wrong and what is allowed.</param>
    /// <param name="column">Where in the line, from 1; null when not known.</param>
    public static ImportedLine Bad(long number, string code, string message, long? column = null) =>
        new(number, null, new FailedDocument { Line = number, Column = column, Code = code, Message = message });
}
