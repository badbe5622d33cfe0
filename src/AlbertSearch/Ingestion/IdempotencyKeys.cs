using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Storage;

namespace AlbertSearch.Ingestion;

/// <summary>The keys by which repeated requests are known.</summary>
internal static class IdempotencyKeys
{
    private const int MaxLength = 256;

    /// <summary>Checks a key; null is none.</summary>
    /// <exception cref="InvalidRequestException">It is not 1 to 256 printable ASCII characters.</exception>
    public static void Check(string? key)
    {
        if (key is not null && (key.Length is 0 or > MaxLength || key.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, "Idempotency-Key", $"Idempotency-Key is not 1 to {MaxLength} printable ASCII characters.");
        }
    }

    /// <summary>The hash of all that a request asks for.</summary>
    public static ContentHash HashRequest(string collection, IReadOnlyList<ValidDocument> documents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, collection);
        foreach (var document in documents)
        {
            Append(hash, document.Id);
            Append(hash, document.Text);
            Append(hash, document.Metadata ?? string.Empty);
        }

        return ContentHash.FromBytes(hash.GetHashAndReset());
    }

    // The length first, so that parts can't be mistaken for one another.
    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
