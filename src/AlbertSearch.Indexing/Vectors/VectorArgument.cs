using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Vectors;

/// <summary>Checks vectors that come from outside.</summary>
internal static class VectorArgument
{
    /// <summary>Lets pass what has a direction: the right number of finite floats, not all of them zero.</summary>
    /// <exception cref="ArgumentException">It is not so; the message says how.</exception>
    public static void Check(ReadOnlySpan<float> vector, int dimension, string name)
    {
        if (vector.Length != dimension)
        {
            throw new ArgumentException($"The vector has {vector.Length} floats; the index has vectors of {dimension}.", name);
        }

        if (!VectorScan.AllFinite(vector))
        {
            for (var i = 0; i < vector.Length; i++)
            {
                if (!float.IsFinite(vector[i]))
                {
                    throw new ArgumentException($"The vector's float at position {i} is {vector[i]}; all must be finite.", name);
                }
            }
        }

        if (!vector.ContainsAnyExcept(0f))
        {
            throw new ArgumentException("The vector is zero in all positions; it has no direction.", name);
        }
    }
}
