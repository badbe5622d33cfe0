using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings;

/// <summary>A loaded model folder: tokenizer, encoder, pooling and heads. Safe for use from many threads.</summary>
public sealed class EmbeddingModel : IDisposable
{
    private EmbeddingModel()
    {
    }

    /// <summary>The name that the model goes by.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>SHA-256, in lower-case hexadecimal, over everything that changes a vector.</summary>
    public string Identity => throw new NotImplementedException();

    /// <summary>Floats in a vector.</summary>
    public int Dimension => Config.HiddenSize;

    /// <summary>Most tokens of a search vector, control tokens included.</summary>
    public int MaxTokens => throw new NotImplementedException();

    /// <summary>Most tokens that the encoder takes, control tokens included.</summary>
    public int MaxPositions => Config.MaxPositions;

    /// <summary>The pooling of search vectors.</summary>
    public PoolingMode Pooling => throw new NotImplementedException();

    /// <summary>The encoder's sizes and labels.</summary>
    public AlbertConfig Config => throw new NotImplementedException();

    /// <summary>The model's tokenizer.</summary>
    public ITokenizer Tokenizer => throw new NotImplementedException();

    /// <summary>The task of the model's head.</summary>
    public ClassificationTask Task => throw new NotImplementedException();

    /// <summary>Loads and checks a Hugging Face ALBERT folder.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or of a kind that is not supported.</exception>
    public static EmbeddingModel Load(string folder, EmbeddingModelOptions? options = null) => throw new NotImplementedException();

    /// <summary>The search vector of one text, cut to <see cref="MaxTokens"/>.</summary>
    public float[] Embed(string text, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Search vectors of tokenized texts, computed in token-budgeted batches, in the order of the input.</summary>
    /// <param name="sequences">Each at most <see cref="MaxPositions"/> tokens.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    public IReadOnlyList<float[]> Embed(IReadOnlyList<TokenSequence> sequences, BatchPriority priority, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Raw and pooled features of samples, in the order of the input.</summary>
    /// <param name="samples">Texts and pairs.</param>
    /// <param name="wanted">Which features to return.</param>
    /// <param name="maxTokens">Cut to this many tokens; null for <see cref="MaxTokens"/>; at most <see cref="MaxPositions"/>.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <exception cref="NotSupportedException">Pooled features are wanted of a model without a pooler.</exception>
    public IReadOnlyList<TextFeatures> GetEmbeddings(IReadOnlyList<TextSample> samples, FeatureKinds wanted, int? maxTokens = null, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Logits of the classification head: one row of label scores a sample, or a row a token of each sample.</summary>
    /// <returns>For each sample rows × labels floats, row-major.</returns>
    /// <exception cref="NotSupportedException">The model has no classification head.</exception>
    public IReadOnlyList<float[]> Classify(IReadOnlyList<TextSample> samples, int? maxTokens = null, BatchPriority priority = BatchPriority.Interactive, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Dispose() => throw new NotImplementedException();
}
