namespace AlbertSearch.Embeddings;

/// <summary>Which features of a text are wanted.</summary>
[Flags]
public enum FeatureKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The tanh pooler's output, raw.</summary>
    Pooled = 1,

    /// <summary>The last hidden state of each token, raw.</summary>
    Sequence = 2,

    /// <summary>The search vector: the model's own pooling, normalized.</summary>
    Vector = 4,
}
