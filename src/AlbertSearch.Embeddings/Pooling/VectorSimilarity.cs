namespace AlbertSearch.Embeddings.Pooling;

/// <summary>
/// What makes vectors comparable, in one place: search vectors have the L2 norm 1, and the similarity of two is their dot product.
/// It lies between −1 and 1, and <em>higher is closer</em>. An index computes the same number in its own kernels.
/// </summary>
public static class VectorSimilarity
{
    /// <summary>The dot product.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"Vectors of {x.Length} and {y.Length} floats can't be compared.", nameof(y));
        }

        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += (double)x[i] * y[i];
        }

        return (float)sum;
    }

    /// <summary>Scales a vector to the L2 norm 1, in place.</summary>
    /// <exception cref="DegenerateVectorException">Its norm is zero or not finite; it is unchanged.</exception>
    public static void Normalize(Span<float> vector)
    {
        double sum = 0;
        foreach (float value in vector)
        {
            sum += (double)value * value;
        }

        double norm = Math.Sqrt(sum);
        if (norm == 0 || !double.IsFinite(norm))
        {
            throw new DegenerateVectorException(norm);
        }

        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(vector[i] / norm);
        }
    }
}
