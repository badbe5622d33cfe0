using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing;

/// <summary>The score of two vectors outside of an index: bit by bit what the indexes of this machine give. Thread-safe.</summary>
public static class VectorScore
{
    /// <summary>The dot product: higher is closer.</summary>
    /// <exception cref="ArgumentException">The vectors have different lengths.</exception>
    public static float Compute(ReadOnlySpan<float> query, ReadOnlySpan<float> vector) => DotProduct.Compute(query, vector);
}
