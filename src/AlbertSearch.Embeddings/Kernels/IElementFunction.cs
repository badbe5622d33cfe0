namespace AlbertSearch.Embeddings.Kernels;

/// <summary>A function of one float, written once for every register width; <see cref="ElementWise"/> runs it over rows.</summary>
internal interface IElementFunction
{
    /// <summary>The function of each lane.</summary>
    static abstract TVector Apply<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}
