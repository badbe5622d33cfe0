using System.Security.Cryptography;
using System.Text;

namespace AlbertSearch.Documents;

/// <summary>Ids for documents that came without one.</summary>
public static class DocumentIds
{
    private const int Bytes = 16;

    /// <summary>
    /// The id of a document's content: the first 128 bits of SHA-256 over the text in UTF-8, a zero byte, and the metadata as
    /// compact JSON in UTF-8 (nothing when there is none), in lower-case hexadecimal. The same content has the same id for good, so that
    /// indexing it again changes nothing.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="metadata">Compact JSON, or null.</param>
    public static string FromContent(string text, string? metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
        hash.AppendData(Encoding.UTF8.GetBytes(metadata ?? string.Empty));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Bytes));
    }
}
