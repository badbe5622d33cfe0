using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings;

/// <summary>What a model makes of one sample.</summary>
public sealed class TextFeatures
{
    /// <summary>The tokens that were encoded.</summary>
    public required TokenSequence Tokens { get; init; }

    /// <summary>HiddenSize floats, not normalized; null when not asked for.</summary>
    public float[]? Pooled { get; init; }

    /// <summary>Tokens × HiddenSize floats, row-major, not normalized; null when not asked for.</summary>
    public float[]? Sequence { get; init; }

    /// <summary>HiddenSize floats of norm 1; null when not asked for.</summary>
    public float[]? Vector { get; init; }
}
