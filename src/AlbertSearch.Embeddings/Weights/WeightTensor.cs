using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Weights;

/// <summary>A tensor of a checkpoint as it is stored: little-endian, row-major. Immutable.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="DataType">The element type.</param>
/// <param name="Shape">Lengths, outermost first.</param>
/// <param name="Data">Shape's product × element size bytes.</param>
public sealed record WeightTensor(string Name, WeightDataType DataType, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Number of elements.</summary>
    public int Count => Data.Length / (DataType == WeightDataType.F32 ? 4 : 2);

    /// <summary>Widens all elements to floats, without loss.</summary>
    /// <param name="destination"><see cref="Count"/> floats.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    public void CopyTo(Span<float> destination)
    {
        if (destination.Length != Count)
        {
            throw new ArgumentException($"Tensor '{Name}' has {Count} elements; the destination has {destination.Length}.", nameof(destination));
        }

        switch (DataType)
        {
            case WeightDataType.F32:
                Widen.FromSingle(Data.Span, destination);
                break;
            case WeightDataType.F16:
                Widen.FromHalf(Data.Span, destination);
                break;
            case WeightDataType.BF16:
                Widen.FromBrain(Data.Span, destination);
                break;
            default:
                throw new InvalidOperationException($"Tensor '{Name}' has the unknown type {DataType}.");
        }
    }

    /// <summary>All elements as floats.</summary>
    public float[] ToArray()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }
}
