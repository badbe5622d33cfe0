namespace AlbertSearch.Embeddings.Albert;

/// <summary>The stages of a slice's way through the model; the work of a stage is any split of its units over threads, and stages follow one another.</summary>
internal enum EncoderStage
{
    /// <summary>Look up word, position and type, add, normalize. Units: tokens.</summary>
    Embed,

    /// <summary>From the embedding width to the hidden width. Units: panels.</summary>
    Map,

    /// <summary>The residual stream in codes, for an 8-bit product. Units: tokens.</summary>
    QuantizeHidden,

    /// <summary>Queries, keys and values. Units: panels.</summary>
    QueryKeyValue,

    /// <summary>Attention. Units: sequences × heads.</summary>
    Attend,

    /// <summary>In the last layer, when only the pooler is wanted: leave all tokens but the first of each sequence behind. Units: 1, or none.</summary>
    KeepFirstTokens,

    /// <summary>The attention's context in codes. Units: tokens.</summary>
    QuantizeContext,

    /// <summary>The attention's output, added to the residual stream. Units: panels.</summary>
    AttentionOutput,

    /// <summary>Normalize. Units: tokens.</summary>
    AttentionNorm,

    /// <summary>The residual stream in codes. Units: tokens.</summary>
    QuantizeAttended,

    /// <summary>The wide half of the feed-forward layer, with its activation. Units: panels.</summary>
    FeedForward,

    /// <summary>The feed-forward layer's states in codes. Units: tokens.</summary>
    QuantizeIntermediate,

    /// <summary>The narrow half, added to the residual stream. Units: panels.</summary>
    FeedForwardOutput,

    /// <summary>Normalize. Units: tokens.</summary>
    OutputNorm,

    /// <summary>Gather the first tokens, and hand out the last hidden states. Units: sequences.</summary>
    Gather,

    /// <summary>The pooler. Units: panels.</summary>
    Pool,
}
