using System.Runtime.CompilerServices;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>max(0, x). NaN gives NaN.</summary>
internal readonly struct Relu : IElementFunction
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Max(TLanes.Broadcast(0f), x);
}
