namespace AlbertSearch.Errors;

/// <summary>The stable words by which programs tell errors apart.</summary>
public static class ErrorCodes
{
    /// <summary>Not JSON, or cut off.</summary>
    public const string InvalidJson = "invalid_json";

    /// <summary>Bytes that are not UTF-8.</summary>
    public const string InvalidUtf8 = "invalid_utf8";

    /// <summary>A content type that the route doesn't take.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>A property that doesn't exist.</summary>
    public const string UnknownProperty = "unknown_property";

    /// <summary>A property that is known and not built yet.</summary>
    public const string NotSupported = "not_supported";

    /// <summary>A required property is absent.</summary>
    public const string MissingField = "missing_field";

    /// <summary>Out of range or of the wrong kind.</summary>
    public const string InvalidValue = "invalid_value";

    /// <summary>Nothing where something is needed.</summary>
    public const string Empty = "empty";

    /// <summary>Longer than a limit, or nested deeper than one: the message names it.</summary>
    public const string TooLong = "too_long";

    /// <summary>More than a limit.</summary>
    public const string TooMany = "too_many";

    /// <summary>One id twice in a request.</summary>
    public const string DuplicateId = "duplicate_id";

    /// <summary>Not there.</summary>
    public const string NotFound = "not_found";

    /// <summary>At odds with what is stored.</summary>
    public const string Conflict = "conflict";

    /// <summary>Changed since the caller looked.</summary>
    public const string PreconditionFailed = "precondition_failed";

    /// <summary>The collection was built with another model.</summary>
    public const string ModelMismatch = "model_mismatch";

    /// <summary>The durable queue is at its bound.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>Too much at once.</summary>
    public const string Busy = "busy";

    /// <summary>Still starting, or stopping.</summary>
    public const string NotReady = "not_ready";

    /// <summary>The database can't be read or written now.</summary>
    public const string StorageUnavailable = "storage_unavailable";

    /// <summary>A defect.</summary>
    public const string Internal = "internal";
}
