namespace AlbertSearch.Embeddings.Albert;

/// <summary>The feed-forward layer's activation.</summary>
public enum HiddenActivation
{
    /// <summary><c>gelu</c>: x · Φ(x), with the error function.</summary>
    Gelu,

    /// <summary><c>gelu_new</c> and <c>gelu_pytorch_tanh</c>: the tanh form.</summary>
    GeluTanh,

    /// <summary><c>relu</c>: max(0, x).</summary>
    Relu,
}
