namespace AlbertSearch.Indexing.Tests;

/// <summary>Seeded vectors.</summary>
internal static class RandomVectors
{
    /// <summary>A vector of independent normal floats, of length 1.</summary>
    public static float[] Unit(Random random, int dimension)
    {
        var vector = new float[dimension];
        var squares = 0.0;
        for (var i = 0; i < dimension; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            vector[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
            squares += vector[i] * (double)vector[i];
        }

        var scale = (float)(1 / Math.Sqrt(squares));
        for (var i = 0; i < dimension; i++)
        {
            vector[i] *= scale;
        }

        return vector;
    }

    /// <summary>Many of them.</summary>
    public static float[][] Units(int seed, int count, int dimension)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Unit(random, dimension))];
    }

    /// <summary>Vectors around centres, as embeddings of texts lie: unit vectors, each a centre plus noise of the given length.</summary>
    public static float[][] Clustered(int seed, int count, int dimension, int clusters, float noise)
    {
        var random = new Random(seed);
        var centres = Enumerable.Range(0, clusters).Select(_ => Unit(random, dimension)).ToArray();
        return [.. Enumerable.Range(0, count).Select(_ => Near(random, centres[random.Next(clusters)], noise))];
    }

    /// <summary>A unit vector near another.</summary>
    public static float[] Near(Random random, float[] centre, float noise)
    {
        var vector = Unit(random, centre.Length);
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = centre[i] + (noise * vector[i]);
        }

        var length = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / length)];
    }
}
