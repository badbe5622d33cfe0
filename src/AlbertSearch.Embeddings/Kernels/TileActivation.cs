namespace AlbertSearch.Embeddings.Kernels;

/// <summary>What a matrix product does with a finished tile.</summary>
internal enum TileActivation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><see cref="Kernels.Gelu"/>.</summary>
    Gelu,

    /// <summary><see cref="Kernels.GeluTanh"/>.</summary>
    GeluTanh,

    /// <summary><see cref="Kernels.Relu"/>.</summary>
    Relu,

    /// <summary><see cref="Kernels.HyperbolicTangent"/>.</summary>
    Tanh,
}
