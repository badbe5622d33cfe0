using AlbertSearch.Errors;
using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.Endpoints;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>All of <c>POST /index</c> but its body.</summary>
/// <param name="Collection">Where the documents go.</param>
/// <param name="MediaType">What the body is.</param>
/// <param name="Wait">Whether to answer when the documents are searchable.</param>
/// <param name="Key">By which a repeated request is known; null for none.</param>
/// <param name="FromLine">The line that a bulk body begins with, when it goes on with one that was cut off.</param>
/// <param name="IdColumn">CSV: the column with ids.</param>
/// <param name="TextColumn">CSV: the column with texts.</param>
internal sealed record IndexRequest(string Collection, string MediaType, bool Wait, string? Key, long? FromLine, string? IdColumn, string? TextColumn)
{
    /// <summary>The header with the key.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>The query parameter of <see cref="Wait"/>.</summary>
    public const string WaitParameter = "wait";

    /// <summary>The query parameter of <see cref="FromLine"/>.</summary>
    public const string FromParameter = "from";

    /// <summary>The query parameter of <see cref="IdColumn"/>.</summary>
    public const string IdColumnParameter = "idColumn";

    /// <summary>The query parameter of <see cref="TextColumn"/>.</summary>
    public const string TextColumnParameter = "textColumn";

    private const string Json = "application/json";

    /// <summary>Whether the body is taken line by line.</summary>
    public bool IsBulk => MediaType != Json;

    /// <summary>Reads and checks a request.</summary>
    public static IndexRequest Of(HttpContext context)
    {
        var http = context.Request;
        var mediaType = RequestBody.MediaTypeOf(http);
        var query = mediaType switch
        {
            Json => QueryParameters.Of(http, WaitParameter),
            NdjsonDocuments.MediaType => QueryParameters.Of(http, WaitParameter, FromParameter),
            CsvDocuments.MediaType => QueryParameters.Of(http, WaitParameter, FromParameter, IdColumnParameter, TextColumnParameter),
            _ => throw RequestBody.UnsupportedMediaType(http, $"{Json}, {NdjsonDocuments.MediaType} or {CsvDocuments.MediaType}"),
        };
        var key = http.Headers[KeyHeader].ToString() is { Length: > 0 } text ? text : null;
        long? from = query.Text(FromParameter) is null ? null : query.Number(FromParameter, 1, 1, int.MaxValue);
        if (from is not null && key is null)
        {
            throw new ProblemException(ErrorCodes.MissingField, $"{FromParameter} goes on with an upload that was cut off; the header {KeyHeader} must say which.", KeyHeader);
        }

        return new IndexRequest(EngineAccess.CollectionOf(context), mediaType, query.Flag(WaitParameter), key, from, query.Text(IdColumnParameter), query.Text(TextColumnParameter));
    }
}
