namespace AlbertSearch.Embeddings;

/// <summary>A model gave a vector that has no direction: its norm is zero or not finite, so it can't be compared with others.</summary>
public sealed class DegenerateVectorException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="norm">The vector's norm.</param>
    public DegenerateVectorException(double norm)
        : base($"The model gave a vector of norm {norm}, which can't be normalized. Its weights are damaged or overflow, or its pooling is not the one that it was trained for.")
    {
        Norm = norm;
    }

    /// <summary>The vector's norm: zero, infinite or not a number.</summary>
    public double Norm { get; }
}
