using AlbertSearch.Embeddings.Kernels;
using AlbertSearch.Embeddings.Memory;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// The room that one slice of a batch needs on its way through the layers. Grows to the largest slice seen and is kept, so that
/// encoding allocates nothing after warm-up. Not thread-safe.
/// </summary>
internal sealed class EncoderScratch : IDisposable
{
    private const int CacheLine = 64;

    private readonly bool _quantized;
    private AlignedBuffer<float> _hidden = new(0);
    private AlignedBuffer<float> _wide = new(0);
    private AlignedBuffer<byte> _codes = new(0);
    private AlignedBuffer<float> _codeScales = new(0);
    private AlignedBuffer<float> _codeSmallest = new(0);

    public EncoderScratch(AlbertConfig config, Precision precision)
    {
        _quantized = precision == Precision.Int8;
        CodeStride = QuantizedMatrix.RoundUp(Math.Max(config.HiddenSize, config.IntermediateSize)) + CacheLine;
        HiddenStride = MatrixProduct.RowStride(config.HiddenSize);
        QueryKeyValueStride = MatrixProduct.RowStride(checked(3 * config.HiddenSize));
        IntermediateStride = MatrixProduct.RowStride(config.IntermediateSize);
        EmbeddingStride = MatrixProduct.RowStride(config.EmbeddingSize);
    }

    /// <summary>Floats from row to row of <see cref="Hidden"/>.</summary>
    public int HiddenStride { get; }

    /// <summary>Floats from row to row of queries, keys and values in <see cref="Wide"/>.</summary>
    public int QueryKeyValueStride { get; }

    /// <summary>Floats from row to row of the feed-forward layer's states in <see cref="Wide"/>.</summary>
    public int IntermediateStride { get; }

    /// <summary>Floats from row to row of the embeddings in <see cref="Wide"/>.</summary>
    public int EmbeddingStride { get; }

    /// <summary>The residual stream.</summary>
    public Span<float> Hidden => _hidden.Span;

    /// <summary>
    /// Whatever a layer is working on: embeddings; then queries, keys and values, the attention's context over the queries;
    /// then the feed-forward layer's states; at the end the pooler's input and output.
    /// </summary>
    public Span<float> Wide => _wide.Span;

    /// <summary>Bytes from row to row of <see cref="Codes"/>.</summary>
    public int CodeStride { get; }

    /// <summary>The input of the next 8-bit product.</summary>
    public Span<byte> Codes => _codes.Span;

    /// <summary>The scale of each row of <see cref="Codes"/>.</summary>
    public Span<float> CodeScales => _codeScales.Span;

    /// <summary>The smallest value of each row of <see cref="Codes"/>.</summary>
    public Span<float> CodeSmallest => _codeSmallest.Span;

    /// <summary>Makes room for so many tokens.</summary>
    public void Reserve(int tokens)
    {
        // A sequence's last tile of rows may reach past the last token by one tile less a row.
        var rows = MatrixProduct.PadRows(tokens + MatrixProduct.PadRows(1));
        if ((long)rows * HiddenStride <= _hidden.Length)
        {
            return;
        }

        var widest = Math.Max(Math.Max(QueryKeyValueStride, IntermediateStride), Math.Max(EmbeddingStride, 2 * HiddenStride));
        Dispose();
        _hidden = new AlignedBuffer<float>(checked(rows * HiddenStride));
        _wide = new AlignedBuffer<float>(checked(rows * widest));
        _codes = new AlignedBuffer<byte>(_quantized ? checked(rows * CodeStride) : 0);
        _codeScales = new AlignedBuffer<float>(_quantized ? rows : 0);
        _codeSmallest = new AlignedBuffer<float>(_quantized ? rows : 0);
    }

    public void Dispose()
    {
        _hidden.Dispose();
        _wide.Dispose();
        _codes.Dispose();
        _codeScales.Dispose();
        _codeSmallest.Dispose();
    }
}
