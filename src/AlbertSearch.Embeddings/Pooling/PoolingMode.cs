namespace AlbertSearch.Embeddings.Pooling;

/// <summary>How the states of a text's tokens become one vector.</summary>
public enum PoolingMode
{
    /// <summary>The tanh pooler's output.</summary>
    Pooler,

    /// <summary>Mean of the last hidden states of all tokens, control tokens included.</summary>
    Mean,

    /// <summary>The last hidden state of <c>[CLS]</c>.</summary>
    Cls,
}
