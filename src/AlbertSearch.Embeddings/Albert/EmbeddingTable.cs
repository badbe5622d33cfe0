using AlbertSearch.Embeddings.Kernels;
using AlbertSearch.Embeddings.Memory;
using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>An embedding table, copied as it is stored: 16-bit tables stay 16-bit.</summary>
internal sealed class EmbeddingTable : IDisposable
{
    private readonly AlignedBuffer<byte> _data;
    private readonly WeightDataType _type;

    public EmbeddingTable(WeightTensor tensor)
    {
        _type = tensor.DataType;
        _data = new AlignedBuffer<byte>(tensor.Data.Length);
        tensor.Data.Span.CopyTo(_data.Span);
    }

    /// <summary>row ← table[index].</summary>
    public void Copy(int index, Span<float> row) => EmbeddingLookup.Row(_data.Span, _type, index, row, add: false, scratch: default);

    /// <summary>row ← row + table[index].</summary>
    public void Add(int index, Span<float> row, Span<float> scratch) => EmbeddingLookup.Row(_data.Span, _type, index, row, add: true, scratch);

    public void Dispose() => _data.Dispose();
}
