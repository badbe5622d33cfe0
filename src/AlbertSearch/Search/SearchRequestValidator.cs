using AlbertSearch.Documents;
using AlbertSearch.Errors;

namespace AlbertSearch.Search;

/// <summary>Checks searches against the limits. Every fault is told with its field, what was wrong and what is allowed.</summary>
internal sealed class SearchRequestValidator(LimitOptions limits, DocumentValidator documents)
{
    /// <summary>Checks the requests of one call.</summary>
    /// <exception cref="InvalidRequestException">One is out of bounds.</exception>
    public void Validate(IReadOnlyList<SearchRequest> requests, int dimension)
    {
        if (requests.Count == 0)
        {
            throw new InvalidRequestException(ErrorCodes.Empty, "query", "There are no queries.");
        }

        if (requests.Count > limits.Samples)
        {
            throw new InvalidRequestException(ErrorCodes.TooMany, "query", $"There are {requests.Count} queries; at most {limits.Samples} are allowed in a request (Limits:Samples).");
        }

        for (var i = 0; i < requests.Count; i++)
        {
            Validate(requests[i], dimension, requests.Count == 1 ? "query" : $"query[{i}]");
        }

        // The sentences of all hits are embedded.
        var withSentence = requests.Sum(request => request.Include.HasFlag(HitParts.Sentence) ? (long)request.K : 0);
        if (requests.Count > 1 && withSentence > limits.K)
        {
            throw new InvalidRequestException(
                ErrorCodes.TooMany, "k", $"The queries ask for {withSentence} hits with their sentences; at most {limits.K} are allowed in a request (Limits:K).");
        }
    }

    private void Validate(SearchRequest request, int dimension, string queryField)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Query is null == request.Vector is null)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, queryField, request.Query is null
                ? "Neither query nor vector is given; exactly one of them is needed."
                : "Both query and vector are given; exactly one of them is needed.");
        }

        Range("k", request.K, 1, limits.K, "Limits:K");
        Range("offset", request.Offset, 0, limits.OffsetPlusK, "Limits:OffsetPlusK");
        if ((long)request.Offset + request.K > limits.OffsetPlusK)
        {
            throw new InvalidRequestException(ErrorCodes.TooMany, "offset", $"offset + k is {(long)request.Offset + request.K}; at most {limits.OffsetPlusK} are allowed (Limits:OffsetPlusK).");
        }

        if (request.Ef is { } ef)
        {
            Range("ef", ef, 1, limits.Ef, "Limits:Ef");
        }

        if (request.MinScore is { } minScore && !float.IsFinite(minScore))
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, "minScore", "minScore is not a finite number.");
        }

        if (request.Query is not null)
        {
            documents.CheckText(request.Query, queryField);
        }
        else
        {
            CheckVector(request.Vector!.Value.Span, dimension);
        }
    }

    private static void CheckVector(ReadOnlySpan<float> vector, int dimension)
    {
        if (vector.Length != dimension)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, "vector", $"vector has {vector.Length} numbers; the model's vectors have {dimension}.");
        }

        var isZero = true;
        for (var i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
            {
                throw new InvalidRequestException(ErrorCodes.InvalidValue, $"vector[{i}]", $"vector[{i}] is not a finite number.");
            }

            isZero &= vector[i] == 0;
        }

        if (isZero)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, "vector", "vector is zero: it has no direction to search in.");
        }
    }

    private static void Range(string field, long value, long least, long most, string setting)
    {
        if (value < least || value > most)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} is {value}; {least} to {most} are allowed ({setting}).");
        }
    }
}
