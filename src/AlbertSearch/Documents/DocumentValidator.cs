using System.Text;
using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Documents;

/// <summary>Checks what callers give against the limits. Every fault is told with its field, what was wrong and what is allowed.</summary>
/// <param name="limits">The limits.</param>
public sealed class DocumentValidator(LimitOptions limits)
{
    /// <summary>Checks a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="field">The document's own path: <c>documents[3]</c>; empty when it is all there is.</param>
    /// <exception cref="InvalidRequestException">It breaks a limit.</exception>
    internal ValidDocument Validate(DocumentInput document, string field)
    {
        ArgumentNullException.ThrowIfNull(document);
        CheckText(document.Text, Path(field, "text"));
        var metadata = document.Metadata is { ValueKind: not JsonValueKind.Undefined } value ? CheckMetadata(value, Path(field, "metadata")) : null;
        if (document.Id is null)
        {
            return new ValidDocument(DocumentIds.FromContent(document.Text, metadata), false, document.Text, metadata);
        }

        CheckId(document.Id, Path(field, "id"));
        return new ValidDocument(document.Id, true, document.Text, metadata);
    }

    /// <summary>Checks documents that are accepted all or none: no id may come twice.</summary>
    /// <exception cref="InvalidRequestException">One breaks a limit.</exception>
    internal List<ValidDocument> Validate(IReadOnlyList<DocumentInput> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        if (documents.Count == 0)
        {
            throw new InvalidRequestException(ErrorCodes.Empty, "documents", "There are no documents.");
        }

        var valid = new List<ValidDocument>(documents.Count);
        var places = new Dictionary<string, int>(documents.Count, StringComparer.Ordinal);
        for (var i = 0; i < documents.Count; i++)
        {
            var document = Validate(documents[i], $"documents[{i}]");
            valid.Add(document);

            // Two documents without ids that have one id have one content too: no harm.
            if (!places.TryAdd(document.Id, i) && (document.HasOwnId || valid[places[document.Id]].HasOwnId))
            {
                throw new InvalidRequestException(
                    ErrorCodes.DuplicateId, $"documents[{i}].id", $"documents[{i}] has the id of documents[{places[document.Id]}], '{Shorten(document.Id)}'; ids must differ within a request.");
            }
        }

        return valid;
    }

    /// <summary>Checks a document's id.</summary>
    /// <exception cref="InvalidRequestException">It breaks a limit.</exception>
    public void CheckId(string id, string field)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length == 0)
        {
            throw new InvalidRequestException(ErrorCodes.Empty, field, $"{field} is empty; leave it out to have one made from the content.");
        }

        CheckUnicode(id, field);
        var bytes = Encoding.UTF8.GetByteCount(id);
        if (bytes > limits.IdBytes)
        {
            throw new InvalidRequestException(ErrorCodes.TooLong, field, $"{field} has {bytes} bytes of UTF-8; at most {limits.IdBytes} are allowed (Limits:IdBytes).");
        }

        for (var i = 0; i < id.Length; i++)
        {
            if (char.IsControl(id[i]))
            {
                throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} has the control character U+{(int)id[i]:X4} at position {i}; control characters are not allowed.");
            }
        }
    }

    /// <summary>Checks a document's or a query's text.</summary>
    /// <exception cref="InvalidRequestException">It breaks a limit.</exception>
    public void CheckText(string? text, string field)
    {
        if (text is null)
        {
            throw new InvalidRequestException(ErrorCodes.MissingField, field, $"{field} is missing.");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw new InvalidRequestException(ErrorCodes.Empty, field, $"{field} is empty or white space; there is nothing to search for.");
        }

        // Three bytes a UTF-16 unit at most: long texts alone are counted.
        if (text.Length > limits.TextBytes / 3)
        {
            var bytes = Encoding.UTF8.GetByteCount(text);
            if (bytes > limits.TextBytes)
            {
                throw new InvalidRequestException(ErrorCodes.TooLong, field, $"{field} has {bytes} bytes of UTF-8; at most {limits.TextBytes} are allowed (Limits:TextBytes).");
            }
        }

        CheckUnicode(text, field);
    }

    /// <summary>Checks metadata, or a merge patch of them.</summary>
    /// <returns>The compact form; null for a JSON null.</returns>
    /// <exception cref="InvalidRequestException">They break a limit.</exception>
    public string? CheckMetadata(JsonElement metadata, string field)
    {
        if (metadata.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (metadata.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} is {Describe(metadata.ValueKind)}; an object is expected.");
        }

        CheckDepth(metadata, field, 1);
        string compact;
        try
        {
            compact = MetadataJson.Compact(metadata);
        }
        catch (InvalidOperationException)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} has a string with a lone surrogate: it is not valid Unicode.");
        }

        var bytes = Encoding.UTF8.GetByteCount(compact);
        return bytes <= limits.MetadataBytes
            ? compact
            : throw new InvalidRequestException(ErrorCodes.TooLong, field, $"{field} has {bytes} bytes as compact JSON; at most {limits.MetadataBytes} are allowed (Limits:MetadataBytes).");
    }

    private static void CheckUnicode(string text, string field)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
            {
                throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} has a lone surrogate at position {i}: it is not valid Unicode.");
            }

            i++;
        }
    }

    private void CheckDepth(JsonElement value, string field, int depth)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return;
        }

        if (depth > limits.MetadataDepth)
        {
            throw new InvalidRequestException(ErrorCodes.TooLong, field, $"{field} is nested deeper than {limits.MetadataDepth} levels (Limits:MetadataDepth).");
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                CheckDepth(item, field, depth + 1);
            }

            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} has the property '{Shorten(property.Name)}' twice in one object.");
            }

            CheckDepth(property.Value, field, depth + 1);
        }
    }

    private static string Path(string field, string property) => field.Length == 0 ? property : $"{field}.{property}";

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
