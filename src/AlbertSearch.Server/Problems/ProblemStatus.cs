using AlbertSearch.Errors;

namespace AlbertSearch.Server.Problems;

/// <summary>The one place that maps error codes to HTTP statuses.</summary>
internal static class ProblemStatus
{
    /// <summary>The status of a code; 500 for one that is not known.</summary>
    public static int Of(string code) => code switch
    {
        ErrorCodes.InvalidJson or ErrorCodes.InvalidUtf8 or ErrorCodes.UnknownProperty or ErrorCodes.NotSupported
            or ErrorCodes.MissingField or ErrorCodes.InvalidValue or ErrorCodes.Empty or ErrorCodes.DuplicateId => StatusCodes.Status400BadRequest,
        ErrorCodes.NotFound => StatusCodes.Status404NotFound,
        ErrorCodes.Conflict or ErrorCodes.ModelMismatch => StatusCodes.Status409Conflict,
        ErrorCodes.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        ErrorCodes.TooLong or ErrorCodes.TooMany => StatusCodes.Status413PayloadTooLarge,
        ErrorCodes.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorCodes.QueueFull or ErrorCodes.Busy => StatusCodes.Status429TooManyRequests,
        ErrorCodes.NotReady or ErrorCodes.StorageUnavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The code of a status that the web server itself decided on.</summary>
    public static string CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => ErrorCodes.NotFound,
        StatusCodes.Status405MethodNotAllowed => ErrorCodes.NotSupported,
        StatusCodes.Status413PayloadTooLarge => ErrorCodes.TooLong,
        StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge => ErrorCodes.TooLong,
        StatusCodes.Status415UnsupportedMediaType => ErrorCodes.UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => ErrorCodes.Busy,
        StatusCodes.Status503ServiceUnavailable => ErrorCodes.NotReady,
        >= 500 => ErrorCodes.Internal,
        _ => ErrorCodes.InvalidValue,
    };
}
