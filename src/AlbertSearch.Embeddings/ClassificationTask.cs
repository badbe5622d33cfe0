namespace AlbertSearch.Embeddings;

/// <summary>What a model's classification head labels.</summary>
public enum ClassificationTask
{
    /// <summary>No head: an encoder only.</summary>
    None,

    /// <summary>A label for each sample.</summary>
    Sequence,

    /// <summary>A label for each token.</summary>
    Token,
}
