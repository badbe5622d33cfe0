namespace AlbertSearch.Embeddings.Albert;

/// <summary>The stages of a slice's way through the model; the work of a stage is any split of its units over threads, and stages follow one another.</summary>
internal enum EncoderStage
{
    /// <summary>Look up word, position and type, add, normalize. Units: tokens.</summary>
    Embed,

    /// <summary>From the embedding width to the hidden width. Units: panels.</summary>
    Map,

    /// <summary>Queries, keys and values. Units: panels.</summary>
    QueryKeyValue,

    /// <summary>Attention. Units: sequences × heads.</summary>
    Attend,

    /// <summary>The attention's output, added to the residual stream. Units: panels.</summary>
    AttentionOutput,

    /// <summary>Normalize. Units: tokens.</summary>
    AttentionNorm,

    /// <summary>The wide half of the feed-forward layer, with its activation. Units: panels.</summary>
    FeedForward,

    /// <summary>The narrow half, added to the residual stream. Units: panels.</summary>
    FeedForwardOutput,

    /// <summary>Normalize. Units: tokens.</summary>
    OutputNorm,

    /// <summary>Gather the first tokens, and hand out the last hidden states. Units: sequences.</summary>
    Gather,

    /// <summary>The pooler. Units: panels.</summary>
    Pool,
}
