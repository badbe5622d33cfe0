using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings;

/// <summary>A loaded model folder: tokenizer, encoder, pooling and heads. Safe for use from many threads.</summary>
public sealed class EmbeddingModel : IDisposable
{
    private readonly BatchEncoder _encoder;
    private readonly ClassificationHead? _head;

    /// <summary>Puts the parts of a model together and takes over the encoder.</summary>
    internal EmbeddingModel(string name, string identity, ITokenizer tokenizer, BatchEncoder encoder, ClassificationHead? head, PoolingMode pooling, int maxTokens)
    {
        Name = name;
        Identity = identity;
        Tokenizer = tokenizer;
        Pooling = pooling;
        MaxTokens = maxTokens;
        _encoder = encoder;
        _head = head;
    }

    /// <summary>The name that the model goes by.</summary>
    public string Name { get; }

    /// <summary>SHA-256, in lower-case hexadecimal, over everything that changes a vector.</summary>
    public string Identity { get; }

    /// <summary>Floats in a vector.</summary>
    public int Dimension => Config.HiddenSize;

    /// <summary>Most tokens of a search vector, control tokens included.</summary>
    public int MaxTokens { get; }

    /// <summary>Most tokens that the encoder takes, control tokens included.</summary>
    public int MaxPositions => Config.MaxPositions;

    /// <summary>The pooling of search vectors.</summary>
    public PoolingMode Pooling { get; }

    /// <summary>Whether the model has a tanh pooler; token classifiers have none.</summary>
    public bool HasPooler => _encoder.HasPooler;

    /// <summary>
    /// Whether search vectors can be had: not from a model without a pooler whose folder names no pooling. Such a model still
    /// classifies and gives sequence features; <see cref="EmbeddingModelOptions.Pooling"/> makes it embed.
    /// </summary>
    public bool CanEmbed => Pooling != PoolingMode.Pooler || HasPooler;

    /// <summary>The encoder's sizes and labels.</summary>
    public AlbertConfig Config => _encoder.Config;

    /// <summary>The model's tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The task of the model's head.</summary>
    public ClassificationTask Task => Config.Task;

    /// <summary>Loads and checks a Hugging Face ALBERT folder.</summary>
    /// <param name="folder">Holds <c>config.json</c>, <c>model.safetensors</c> and a tokenizer's files.</param>
    /// <param name="options">How it is used; null for the defaults.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged or of a kind that is not supported.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static EmbeddingModel Load(string folder, EmbeddingModelOptions? options = null)
    {
        options ??= new EmbeddingModelOptions();
        return EmbeddingModelLoader.Load(
            folder, options, (weights, threads) => new AlbertEngine(weights, new AlbertEngineOptions { Threads = threads, Precision = options.Precision }));
    }

    /// <summary>The search vector of one text, cut to <see cref="MaxTokens"/>.</summary>
    /// <exception cref="NotSupportedException"><see cref="CanEmbed"/> is false.</exception>
    /// <exception cref="DegenerateVectorException">The model gave a vector without a direction.</exception>
    public float[] Embed(string text, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Embed([Tokenizer.Encode(text, maxTokens: MaxTokens, cancellationToken: cancellationToken)], priority, cancellationToken)[0];
    }

    /// <summary>Search vectors of tokenized texts, computed in token-budgeted batches, in the order of the input.</summary>
    /// <param name="sequences">Each at most <see cref="MaxPositions"/> tokens.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <exception cref="NotSupportedException"><see cref="CanEmbed"/> is false.</exception>
    /// <exception cref="ArgumentException">A sequence is empty, too long, or has an id out of range.</exception>
    /// <exception cref="DegenerateVectorException">The model gave a vector without a direction.</exception>
    public IReadOnlyList<float[]> Embed(IReadOnlyList<TokenSequence> sequences, BatchPriority priority, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        RequireVectors();
        float[][] vectors = new float[sequences.Count][];
        _encoder.Encode(
            sequences,
            wantStates: Pooling != PoolingMode.Pooler,
            wantPooled: Pooling == PoolingMode.Pooler,
            priority,
            (index, states, pooled) => vectors[index] = Vector(states, pooled),
            cancellationToken);
        return vectors;
    }

    /// <summary>Raw and pooled features of samples, in the order of the input.</summary>
    /// <param name="samples">Texts and pairs.</param>
    /// <param name="wanted">Which features to return.</param>
    /// <param name="maxTokens">Cut to this many tokens, from 3 on; null for <see cref="MaxTokens"/>; at most <see cref="MaxPositions"/>.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <exception cref="NotSupportedException">Pooled features are wanted of a model without a pooler, or vectors when <see cref="CanEmbed"/> is false.</exception>
    /// <exception cref="DegenerateVectorException">The model gave a vector without a direction.</exception>
    public IReadOnlyList<TextFeatures> GetEmbeddings(IReadOnlyList<TextSample> samples, FeatureKinds wanted, int? maxTokens = null, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default) =>
        GetEmbeddings(Tokenize(samples, maxTokens, cancellationToken), wanted, priority, cancellationToken);

    /// <summary>Raw and pooled features of tokenized samples, in the order of the input.</summary>
    /// <inheritdoc cref="GetEmbeddings(IReadOnlyList{TextSample}, FeatureKinds, int?, BatchPriority, CancellationToken)"/>
    /// <param name="sequences">Each at most <see cref="MaxPositions"/> tokens.</param>
    /// <param name="wanted">Which features to return.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    public IReadOnlyList<TextFeatures> GetEmbeddings(IReadOnlyList<TokenSequence> sequences, FeatureKinds wanted, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        bool wantPooled = wanted.HasFlag(FeatureKinds.Pooled);
        bool wantStates = wanted.HasFlag(FeatureKinds.Sequence);
        bool wantVector = wanted.HasFlag(FeatureKinds.Vector);
        if (wantPooled && !HasPooler)
        {
            throw new NotSupportedException($"Model '{Name}' has no pooler, so it gives no pooled features.");
        }

        if (wantVector)
        {
            RequireVectors();
        }

        var features = new TextFeatures[sequences.Count];
        _encoder.Encode(
            sequences,
            wantStates: wantStates || (wantVector && Pooling != PoolingMode.Pooler),
            wantPooled: wantPooled || (wantVector && Pooling == PoolingMode.Pooler),
            priority,
            (index, states, pooled) => features[index] = new TextFeatures
            {
                Tokens = sequences[index],
                Pooled = wantPooled ? pooled.ToArray() : null,
                Sequence = wantStates ? states.ToArray() : null,
                Vector = wantVector ? Vector(states, pooled) : null,
            },
            cancellationToken);
        return features;
    }

    /// <summary>Logits of the classification head: one row of label scores a sample, or a row a token of each sample.</summary>
    /// <param name="samples">Texts and pairs.</param>
    /// <param name="maxTokens">Cut to this many tokens, from 3 on; null for <see cref="MaxTokens"/>; at most <see cref="MaxPositions"/>.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <returns>For each sample rows × labels floats, row-major.</returns>
    /// <exception cref="NotSupportedException">The model has no classification head.</exception>
    public IReadOnlyList<float[]> Classify(IReadOnlyList<TextSample> samples, int? maxTokens = null, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default) =>
        Classify(Tokenize(samples, maxTokens, cancellationToken), priority, cancellationToken);

    /// <summary>Logits of the classification head for tokenized samples: one row of label scores a sample, or a row a token of each sample.</summary>
    /// <param name="sequences">Each at most <see cref="MaxPositions"/> tokens.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <returns>For each sample rows × labels floats, row-major.</returns>
    /// <exception cref="NotSupportedException">The model has no classification head.</exception>
    public IReadOnlyList<float[]> Classify(IReadOnlyList<TokenSequence> sequences, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (_head is not { } head)
        {
            throw new NotSupportedException($"Model '{Name}' has no classification head.");
        }

        bool tokens = Task == ClassificationTask.Token;
        float[][] logits = new float[sequences.Count][];
        _encoder.Encode(
            sequences,
            wantStates: tokens,
            wantPooled: !tokens,
            priority,
            (index, states, pooled) => logits[index] = head.Apply(tokens ? states : pooled),
            cancellationToken);
        return logits;
    }

    /// <summary>Frees the encoder, after calls that are running on other threads.</summary>
    public void Dispose() => _encoder.Dispose();

    private TokenSequence[] Tokenize(IReadOnlyList<TextSample> samples, int? maxTokens, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        int limit = maxTokens ?? MaxTokens;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, EmbeddingModelOptions.LeastMaxTokens, nameof(maxTokens));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPositions, nameof(maxTokens));
        return [.. samples.Select(sample => Tokenizer.Encode(sample.Text, sample.Pair, limit, cancellationToken))];
    }

    private void RequireVectors()
    {
        if (!CanEmbed)
        {
            throw new NotSupportedException($"Model '{Name}' has no pooler and its folder names no pooling: set the pooling to mean or cls.");
        }
    }

    private float[] Vector(ReadOnlySpan<float> states, ReadOnlySpan<float> pooled)
    {
        float[] vector = new float[Dimension];
        TokenPooling.Pool(Pooling, states, pooled, vector);
        VectorSimilarity.Normalize(vector);
        return vector;
    }
}
