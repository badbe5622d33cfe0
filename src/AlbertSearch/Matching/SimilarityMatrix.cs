using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Matching;

/// <summary>How near texts are to each other. Immutable.</summary>
public sealed class SimilarityMatrix
{
    private SimilarityMatrix(float[] values, int[] truncatedTokens)
    {
        Values = values;
        TruncatedTokens = truncatedTokens;
    }

    /// <summary>Texts × texts dot products of the search vectors, row-major, symmetric: higher is closer, 1 at most.</summary>
    public float[] Values { get; }

    /// <summary>Tokens of each text that were cut, because a vector holds no more.</summary>
    public IReadOnlyList<int> TruncatedTokens { get; }

    /// <summary>Embeds texts and compares each to each.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers and rows.</param>
    public static SimilarityMatrix Compute(EmbeddingModel model, IReadOnlyList<string> texts, BatchPriority priority, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        var sequences = texts.Select(text => model.Tokenizer.Encode(text, pair: null, model.MaxTokens, cancellationToken)).ToList();
        var vectors = model.Embed(sequences, priority, cancellationToken);
        var values = new float[texts.Count * texts.Count];
        for (var row = 0; row < texts.Count; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var column = 0; column <= row; column++)
            {
                var score = Dot(vectors[row], vectors[column]);
                values[(row * texts.Count) + column] = score;
                values[(column * texts.Count) + row] = score;
            }
        }

        return new SimilarityMatrix(values, [.. sequences.Select(sequence => sequence.TruncatedTokens)]);
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = 0f;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
