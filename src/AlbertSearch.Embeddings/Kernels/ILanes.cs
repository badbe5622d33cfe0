namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// The handful of float operations that the element-wise kernels are written in, once, for every register width:
/// a kernel's body is generic over its lanes, the compiler makes one machine loop for each width, and the width ladder
/// (<see cref="Lanes512"/>, <see cref="Lanes256"/>, <see cref="Lanes128"/>, <see cref="LanesScalar"/>) picks one at start.
/// </summary>
/// <typeparam name="TVector">The register type.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a register.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> floats from any address.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Writes <see cref="Count"/> floats to any address.</summary>
    static abstract void Store(float* destination, TVector value);

    /// <summary>One value in all lanes.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a − b.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a · b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a / b.</summary>
    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a · b + c, rounded once where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a &gt; b ? a : b; so b when either is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>a &lt; b ? a : b; so b when either is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>|a|.</summary>
    static abstract TVector Abs(TVector a);

    /// <summary>To the nearest integer, halves to even.</summary>
    static abstract TVector Round(TVector a);

    /// <summary>a · 2^n for whole n of −126 … 127.</summary>
    static abstract TVector ScaleByPowerOfTwo(TVector a, TVector n);

    /// <summary>x &lt; 0 ? ifNegative : otherwise.</summary>
    static abstract TVector SelectNegative(TVector x, TVector ifNegative, TVector otherwise);

    /// <summary>The sum of all lanes, halves first.</summary>
    static abstract float Sum(TVector a);

    /// <summary>The largest lane.</summary>
    static abstract float MaxLane(TVector a);

    /// <summary>Reads <see cref="Count"/> integers and converts them.</summary>
    static abstract TVector FromInt32(int* source);

    /// <summary>Converts lanes of whole numbers of 0 … 255 and writes them as <see cref="Count"/> bytes.</summary>
    static abstract void StoreBytes(byte* destination, TVector value);
}
