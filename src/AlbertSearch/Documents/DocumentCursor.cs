using System.Buffers.Text;
using System.Text;
using AlbertSearch.Errors;

namespace AlbertSearch.Documents;

/// <summary>Where a listing of documents goes on: the last id, as URL-safe base64.</summary>
internal static class DocumentCursor
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The cursor after an id.</summary>
    public static string After(string id) => Base64Url.EncodeToString(Strict.GetBytes(id));

    /// <summary>The id that a cursor comes after.</summary>
    /// <exception cref="InvalidRequestException">It is not a cursor that a listing gave.</exception>
    public static string Parse(string cursor)
    {
        try
        {
            return Strict.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, "cursor", "The cursor is not one that a listing gave.");
        }
    }
}
