namespace AlbertSearch.Embeddings;

/// <summary>The arithmetic of an encoder's layers. Vectors of the two do not mix: the model's identity differs.</summary>
public enum Precision
{
    /// <summary>32-bit floats throughout.</summary>
    Fp32,

    /// <summary>The layers' matrix products on 7-bit codes; about twice as fast, vectors within a cosine of about 0.999 of <see cref="Fp32"/>'s.</summary>
#pragma warning disable CA1720 // The word that users know from other inference engines.
    Int8,
#pragma warning restore CA1720
}
