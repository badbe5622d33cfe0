using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Tests.Albert;

/// <summary>
/// ALBERT (Lan et al., 2019; the transformer of Vaswani et al., 2017, with layers sharing weights) as it reads on paper: one sequence
/// after the other, double precision, no tricks. The scalar twin and oracle of every other engine. Needs the checkpoint only while
/// it is made.
/// </summary>
internal sealed class ScalarAlbertEncoder : IEncoderEngine
{
    private readonly double[] _wordEmbeddings;
    private readonly double[] _positionEmbeddings;
    private readonly double[] _tokenTypeEmbeddings;
    private readonly Norm _embeddingNorm;
    private readonly Linear _embeddingMapping;
    private readonly Layer[][] _groups;
    private readonly Linear? _pooler;

    public ScalarAlbertEncoder(AlbertWeights weights)
    {
        Config = weights.Config;
        _wordEmbeddings = Doubles(weights.WordEmbeddings);
        _positionEmbeddings = Doubles(weights.PositionEmbeddings);
        _tokenTypeEmbeddings = Doubles(weights.TokenTypeEmbeddings);
        _embeddingNorm = new Norm(weights.EmbeddingNorm);
        _embeddingMapping = new Linear(weights.EmbeddingMapping);
        _groups = [.. weights.Groups.Select(group => group.Select(layer => new Layer(layer)).ToArray())];
        _pooler = weights.Pooler is null ? null : new Linear(weights.Pooler);
    }

    public AlbertConfig Config { get; }

    public bool HasPooler => _pooler is not null;

    public void Encode(RaggedBatch batch, EncoderOutputs outputs, BatchPriority priority, CancellationToken cancellationToken = default)
    {
        Check(batch, outputs);
        int hidden = Config.HiddenSize;
        for (int sequence = 0; sequence < batch.Count; sequence++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int start = batch.Starts[sequence];
            int end = batch.Starts[sequence + 1];
            double[][] states = Encode(batch.Ids[start..end], batch.SegmentIds[start..end], cancellationToken);
            if (!outputs.LastHiddenState.IsEmpty)
            {
                for (int token = 0; token < states.Length; token++)
                {
                    Write(states[token], outputs.LastHiddenState.Span.Slice((start + token) * hidden, hidden));
                }
            }

            if (!outputs.PoolerOutput.IsEmpty)
            {
                // The pooler: tanh(W · h[CLS] + b).
                Write([.. _pooler!.Apply(states[0]).Select(Math.Tanh)], outputs.PoolerOutput.Span.Slice(sequence * hidden, hidden));
            }
        }
    }

    public void Dispose()
    {
    }

    /// <summary>x · Φ(x), or its tanh form, or max(0, x).</summary>
    internal static double Activate(HiddenActivation activation, double x) => activation switch
    {
        HiddenActivation.Gelu => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))),
        HiddenActivation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        HiddenActivation.Relu => Math.Max(0, x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    /// <summary>
    /// The error function to 1e-15: the series erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)), whose terms are all of one sign;
    /// beyond 6 it is ±1 in double precision.
    /// </summary>
    internal static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        double term = x;
        double sum = x;
        for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private double[][] Encode(ReadOnlySpan<int> ids, ReadOnlySpan<int> segmentIds, CancellationToken cancellationToken)
    {
        // Factorized embeddings: look up and normalize in the small width, then map to the hidden one.
        int width = Config.EmbeddingSize;
        double[][] states = new double[ids.Length][];
        for (int token = 0; token < ids.Length; token++)
        {
            double[] embedding = new double[width];
            for (int i = 0; i < width; i++)
            {
                embedding[i] = _wordEmbeddings[(ids[token] * width) + i]
                    + _tokenTypeEmbeddings[(segmentIds[token] * width) + i]
                    + _positionEmbeddings[(token * width) + i];
            }

            states[token] = _embeddingMapping.Apply(_embeddingNorm.Apply(embedding, Config.LayerNormEpsilon));
        }

        // Cross-layer sharing: the layers are spread evenly over the groups.
        for (int i = 0; i < Config.HiddenLayers; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (Layer layer in _groups[(int)((long)i * Config.HiddenGroups / Config.HiddenLayers)])
            {
                states = ApplyLayer(layer, states);
            }
        }

        return states;
    }

    private double[][] ApplyLayer(Layer layer, double[][] states)
    {
        double[][] attention = Attend(layer, states);
        double[][] result = new double[states.Length][];
        for (int token = 0; token < states.Length; token++)
        {
            // Norms come after the residual connections.
            double[] attended = layer.AttentionNorm.Apply(Add(states[token], layer.AttentionOutput.Apply(attention[token])), Config.LayerNormEpsilon);
            double[] inner = [.. layer.FeedForward.Apply(attended).Select(x => Activate(Config.Activation, x))];
            result[token] = layer.OutputNorm.Apply(Add(attended, layer.FeedForwardOutput.Apply(inner)), Config.LayerNormEpsilon);
        }

        return result;
    }

    /// <summary>softmax(Q Kᵀ / √d) V for each head, the heads' results side by side.</summary>
    private double[][] Attend(Layer layer, double[][] states)
    {
        double[][] queries = [.. states.Select(layer.Query.Apply)];
        double[][] keys = [.. states.Select(layer.Key.Apply)];
        double[][] values = [.. states.Select(layer.Value.Apply)];
        int headSize = Config.HiddenSize / Config.AttentionHeads;
        double[][] result = [.. states.Select(_ => new double[Config.HiddenSize])];
        for (int head = 0; head < Config.AttentionHeads; head++)
        {
            int first = head * headSize;
            for (int token = 0; token < states.Length; token++)
            {
                double[] scores = new double[states.Length];
                for (int other = 0; other < states.Length; other++)
                {
                    for (int i = first; i < first + headSize; i++)
                    {
                        scores[other] += queries[token][i] * keys[other][i];
                    }

                    scores[other] /= Math.Sqrt(headSize);
                }

                double max = scores.Max();
                double[] weights = [.. scores.Select(score => Math.Exp(score - max))];
                double sum = weights.Sum();
                for (int other = 0; other < states.Length; other++)
                {
                    for (int i = first; i < first + headSize; i++)
                    {
                        result[token][i] += weights[other] / sum * values[other][i];
                    }
                }
            }
        }

        return result;
    }

    private void Check(RaggedBatch batch, EncoderOutputs outputs)
    {
        for (int i = 0; i < batch.TokenCount; i++)
        {
            if ((uint)batch.Ids[i] >= (uint)Config.VocabularySize || (uint)batch.SegmentIds[i] >= (uint)Config.TypeVocabularySize)
            {
                throw new ArgumentException($"Token {i} has id {batch.Ids[i]} and segment {batch.SegmentIds[i]}.", nameof(batch));
            }
        }

        for (int i = 0; i < batch.Count; i++)
        {
            if (batch.Starts[i + 1] - batch.Starts[i] > Config.MaxPositions)
            {
                throw new ArgumentException($"Sequence {i} is longer than {Config.MaxPositions} tokens.", nameof(batch));
            }
        }

        if (!outputs.LastHiddenState.IsEmpty && outputs.LastHiddenState.Length < batch.TokenCount * Config.HiddenSize)
        {
            throw new ArgumentException("LastHiddenState is too small.", nameof(outputs));
        }

        if (!outputs.PoolerOutput.IsEmpty && (!HasPooler || outputs.PoolerOutput.Length < batch.Count * Config.HiddenSize))
        {
            throw new ArgumentException("PoolerOutput is too small, or the model has no pooler.", nameof(outputs));
        }
    }

    private static double[] Add(double[] x, double[] y) => [.. x.Zip(y, (a, b) => a + b)];

    private static double[] Doubles(WeightTensor tensor) => Array.ConvertAll(tensor.ToArray(), value => (double)value);

    private static void Write(double[] values, Span<float> destination)
    {
        for (int i = 0; i < values.Length; i++)
        {
            destination[i] = (float)values[i];
        }
    }

    /// <summary>y = W x + b, W of [outputs, inputs].</summary>
    private sealed class Linear(LinearWeights weights)
    {
        private readonly double[] _weight = Doubles(weights.Weight);
        private readonly double[] _bias = Doubles(weights.Bias);

        public double[] Apply(double[] x)
        {
            double[] y = (double[])_bias.Clone();
            for (int output = 0; output < y.Length; output++)
            {
                for (int input = 0; input < x.Length; input++)
                {
                    y[output] += _weight[(output * x.Length) + input] * x[input];
                }
            }

            return y;
        }
    }

    /// <summary>(x − mean) / √(variance + ε) · gain + shift; the variance is the mean square, not the sample's.</summary>
    private sealed class Norm(NormWeights weights)
    {
        private readonly double[] _gain = Doubles(weights.Weight);
        private readonly double[] _shift = Doubles(weights.Bias);

        public double[] Apply(double[] x, double epsilon)
        {
            double mean = x.Average();
            double variance = x.Average(value => (value - mean) * (value - mean));
            return [.. x.Select((value, i) => ((value - mean) / Math.Sqrt(variance + epsilon) * _gain[i]) + _shift[i])];
        }
    }

    private sealed class Layer(AlbertLayerWeights weights)
    {
        public Linear Query { get; } = new(weights.Query);

        public Linear Key { get; } = new(weights.Key);

        public Linear Value { get; } = new(weights.Value);

        public Linear AttentionOutput { get; } = new(weights.AttentionOutput);

        public Norm AttentionNorm { get; } = new(weights.AttentionNorm);

        public Linear FeedForward { get; } = new(weights.FeedForward);

        public Linear FeedForwardOutput { get; } = new(weights.FeedForwardOutput);

        public Norm OutputNorm { get; } = new(weights.OutputNorm);
    }
}
