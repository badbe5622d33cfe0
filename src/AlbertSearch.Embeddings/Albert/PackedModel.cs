namespace AlbertSearch.Embeddings.Albert;

/// <summary>A checkpoint's weights, laid out once for the kernels; independent of the checkpoint afterwards. Immutable, shared by all threads.</summary>
internal sealed class PackedModel : IDisposable
{
    private readonly PackedLayer[][] _groups;
    private readonly PackedLayer[] _steps;

    public PackedModel(AlbertWeights weights, Precision precision)
    {
        Config = weights.Config;
        Precision = precision;
        WordEmbeddings = new EmbeddingTable(weights.WordEmbeddings);
        PositionEmbeddings = new EmbeddingTable(weights.PositionEmbeddings);
        TokenTypeEmbeddings = new EmbeddingTable(weights.TokenTypeEmbeddings);
        EmbeddingNorm = new PackedNorm(weights.EmbeddingNorm);
        EmbeddingMapping = PackedLinear.Pack(Precision.Fp32, Config.EmbeddingSize, weights.EmbeddingMapping);
        _groups = [.. weights.Groups.Select(group => group.Select(layer => new PackedLayer(Config, layer, precision)).ToArray())];
        _steps = [.. Enumerable.Range(0, Config.HiddenLayers).SelectMany(layer => _groups[GroupOf(layer, Config)])];
        Pooler = weights.Pooler is null ? null : PackedLinear.Pack(Precision.Fp32, Config.HiddenSize, weights.Pooler);
    }

    /// <summary>The sizes.</summary>
    public AlbertConfig Config { get; }

    /// <summary>The layers' arithmetic; the embedding mapping and the pooler, a few hundredths of the work, are always in floats.</summary>
    public Precision Precision { get; }

    /// <summary>[VocabularySize, EmbeddingSize].</summary>
    public EmbeddingTable WordEmbeddings { get; }

    /// <summary>[MaxPositions, EmbeddingSize].</summary>
    public EmbeddingTable PositionEmbeddings { get; }

    /// <summary>[TypeVocabularySize, EmbeddingSize].</summary>
    public EmbeddingTable TokenTypeEmbeddings { get; }

    /// <summary>Over EmbeddingSize.</summary>
    public PackedNorm EmbeddingNorm { get; }

    /// <summary>[HiddenSize, EmbeddingSize].</summary>
    public PackedLinear EmbeddingMapping { get; }

    /// <summary>The layers in the order in which a text passes them: HiddenLayers × InnerGroupLayers entries, most of them the same objects.</summary>
    public ReadOnlySpan<PackedLayer> Steps => _steps;

    /// <summary>[HiddenSize, HiddenSize], or null.</summary>
    public PackedLinear? Pooler { get; }

    public void Dispose()
    {
        WordEmbeddings.Dispose();
        PositionEmbeddings.Dispose();
        TokenTypeEmbeddings.Dispose();
        EmbeddingMapping.Dispose();
        Pooler?.Dispose();
        foreach (var layer in _groups.SelectMany(group => group))
        {
            layer.Dispose();
        }
    }

    // As the reference does it: int(layer / (layers / groups)), in floating point.
    private static int GroupOf(int layer, AlbertConfig config) => (int)(layer / ((double)config.HiddenLayers / config.HiddenGroups));
}
