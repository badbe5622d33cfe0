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
    public void CopyTo(Span<float> destination) => throw new NotImplementedException();

    /// <summary>All elements as floats.</summary>
    public float[] ToArray()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }
}
