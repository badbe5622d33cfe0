namespace AlbertSearch.Embeddings.Albert;

/// <summary>The linear layer over the pooler's output or over each token's state. Immutable; safe for use from many threads.</summary>
internal sealed class ClassificationHead
{
    private readonly float[] _weight;
    private readonly float[] _bias;

    /// <summary>Copies the head's weights.</summary>
    public ClassificationHead(LinearWeights weights)
    {
        _weight = weights.Weight.ToArray();
        _bias = weights.Bias.ToArray();
    }

    /// <summary>Logits of rows: W · row + b for each.</summary>
    /// <param name="rows">Row-major, rows × HiddenSize.</param>
    /// <returns>Row-major, rows × labels.</returns>
    public float[] Apply(ReadOnlySpan<float> rows)
    {
        int labels = _bias.Length;
        int width = _weight.Length / labels;
        float[] logits = new float[rows.Length / width * labels];
        for (int i = 0; i < logits.Length; i++)
        {
            int label = i % labels;
            ReadOnlySpan<float> row = rows.Slice(i / labels * width, width);
            ReadOnlySpan<float> weight = _weight.AsSpan(label * width, width);
            double sum = _bias[label];
            for (int k = 0; k < row.Length; k++)
            {
                sum += (double)weight[k] * row[k];
            }

            logits[i] = (float)sum;
        }

        return logits;
    }
}
