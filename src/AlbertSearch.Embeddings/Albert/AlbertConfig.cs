namespace AlbertSearch.Embeddings.Albert;

/// <summary>The computing fields of a Hugging Face <c>config.json</c> of <c>model_type</c> "albert", checked.</summary>
public sealed record AlbertConfig
{
    /// <summary><c>vocab_size</c>.</summary>
    public required int VocabularySize { get; init; }

    /// <summary><c>embedding_size</c>: width of the token embeddings, before the mapping to the hidden size.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary><c>hidden_size</c>: width of a token's state and of a vector.</summary>
    public required int HiddenSize { get; init; }

    /// <summary><c>num_hidden_layers</c>: how many times layers are applied.</summary>
    public required int HiddenLayers { get; init; }

    /// <summary><c>num_hidden_groups</c>: sets of weights that the layers share.</summary>
    public required int HiddenGroups { get; init; }

    /// <summary><c>inner_group_num</c>: layers inside a group, each with weights of its own.</summary>
    public required int InnerGroupLayers { get; init; }

    /// <summary><c>num_attention_heads</c>; divides <see cref="HiddenSize"/>.</summary>
    public required int AttentionHeads { get; init; }

    /// <summary><c>intermediate_size</c>: width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary><c>max_position_embeddings</c>: the longest sequence.</summary>
    public required int MaxPositions { get; init; }

    /// <summary><c>type_vocab_size</c>.</summary>
    public required int TypeVocabularySize { get; init; }

    /// <summary><c>layer_norm_eps</c>.</summary>
    public required float LayerNormEpsilon { get; init; }

    /// <summary><c>hidden_act</c>.</summary>
    public required HiddenActivation Activation { get; init; }

    /// <summary>The head that <c>architectures</c> names.</summary>
    public ClassificationTask Task { get; init; }

    /// <summary><c>id2label</c> in the order of ids; empty when the model has no classification head.</summary>
    public required IReadOnlyList<string> Labels { get; init; }
}
