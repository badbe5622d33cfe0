namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// Where an engine writes the raw states of a batch; an empty memory means "not wanted".
/// Nothing here is pooled or normalized.
/// </summary>
public readonly record struct EncoderOutputs
{
    /// <summary>Last hidden states, row-major, TokenCount × HiddenSize floats.</summary>
    public Memory<float> LastHiddenState { get; init; }

    /// <summary>Pooler outputs (tanh), row-major, Count × HiddenSize floats; only for models with a pooler.</summary>
    public Memory<float> PoolerOutput { get; init; }
}
