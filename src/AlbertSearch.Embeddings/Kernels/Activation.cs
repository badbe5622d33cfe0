namespace AlbertSearch.Embeddings.Kernels;

/// <summary>Applies the function that a <see cref="TileActivation"/> names to each element, in place.</summary>
internal static class Activation
{
    /// <summary>With the widest registers there are.</summary>
    public static void Apply(TileActivation activation, Span<float> values)
    {
        switch (activation)
        {
            case TileActivation.Gelu:
                ElementWise.Apply<Gelu>(values);
                break;
            case TileActivation.GeluTanh:
                ElementWise.Apply<GeluTanh>(values);
                break;
            case TileActivation.Relu:
                ElementWise.Apply<Relu>(values);
                break;
            case TileActivation.Tanh:
                ElementWise.Apply<HyperbolicTangent>(values);
                break;
        }
    }

    /// <summary>The scalar twin.</summary>
    public static void ApplyScalar(TileActivation activation, Span<float> values)
    {
        switch (activation)
        {
            case TileActivation.Gelu:
                ElementWise.ApplyScalar<Gelu>(values);
                break;
            case TileActivation.GeluTanh:
                ElementWise.ApplyScalar<GeluTanh>(values);
                break;
            case TileActivation.Relu:
                ElementWise.ApplyScalar<Relu>(values);
                break;
            case TileActivation.Tanh:
                ElementWise.ApplyScalar<HyperbolicTangent>(values);
                break;
        }
    }
}
