using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// One slice of a batch (whole sequences) on its way through the model: knows what each stage computes, nothing about threads.
/// Stages run in order; within a stage any number of threads may run disjoint ranges of units. Reusable.
/// </summary>
internal sealed class EncoderPass : IDisposable
{
    private readonly PackedModel _model;
    private readonly AlbertConfig _config;
    private readonly EncoderScratch _scratch;
    private readonly TileActivation _activation;

    private RaggedBatch _batch = new();
    private EncoderOutputs _outputs;
    private int _firstSequence;
    private int _endSequence;
    private int _rows;

    public EncoderPass(PackedModel model)
    {
        _model = model;
        _config = model.Config;
        _scratch = new EncoderScratch(_config, model.Precision);
        _activation = _config.Activation switch
        {
            HiddenActivation.Gelu => TileActivation.Gelu,
            HiddenActivation.GeluTanh => TileActivation.GeluTanh,
            _ => TileActivation.Relu,
        };
    }

    /// <summary>Tokens of the slice.</summary>
    public int Tokens => FirstTokenOf(_endSequence) - FirstTokenOf(_firstSequence);

    /// <summary>Whether the pooler's output is wanted.</summary>
    public bool WantsPooler => !_outputs.PoolerOutput.IsEmpty;

    private bool WantsFirstTokensAlone => WantsPooler && _outputs.LastHiddenState.IsEmpty;

    /// <summary>Takes on a slice.</summary>
    public void Begin(RaggedBatch batch, EncoderOutputs outputs, int firstSequence, int endSequence)
    {
        _batch = batch;
        _outputs = outputs;
        _firstSequence = firstSequence;
        _endSequence = endSequence;
        _rows = Tokens;
        _scratch.Reserve(_rows);
    }

    /// <summary>Floats of scratch that each thread needs.</summary>
    public int ThreadScratchLength()
    {
        var longest = 0;
        for (var sequence = _firstSequence; sequence < _endSequence; sequence++)
        {
            longest = Math.Max(longest, FirstTokenOf(sequence + 1) - FirstTokenOf(sequence));
        }

        return Math.Max(_config.EmbeddingSize, Attention.ScratchLength(longest, _config.HiddenSize / _config.AttentionHeads));
    }

    /// <summary>How many units of work a stage has; asked when the stages before it are done.</summary>
    public int Units(EncoderStage stage, PackedLayer? layer, bool lastLayer) => stage switch
    {
        EncoderStage.Embed or EncoderStage.AttentionNorm or EncoderStage.OutputNorm => _rows,
        EncoderStage.QuantizeHidden or EncoderStage.QuantizeContext or EncoderStage.QuantizeAttended or EncoderStage.QuantizeIntermediate =>
            _model.Precision == Precision.Int8 ? _rows : 0,
        EncoderStage.KeepFirstTokens => lastLayer && WantsFirstTokensAlone ? 1 : 0,
        EncoderStage.Map => _model.EmbeddingMapping.Panels,
        EncoderStage.QueryKeyValue => layer!.QueryKeyValue.Panels,
        EncoderStage.Attend => (_endSequence - _firstSequence) * _config.AttentionHeads,
        EncoderStage.AttentionOutput => layer!.AttentionOutput.Panels,
        EncoderStage.FeedForward => layer!.FeedForward.Panels,
        EncoderStage.FeedForwardOutput => layer!.FeedForwardOutput.Panels,
        EncoderStage.Gather => _endSequence - _firstSequence,
        EncoderStage.Pool => _model.Pooler!.Panels,
        _ => throw new ArgumentOutOfRangeException(nameof(stage)),
    };

    /// <summary>Computes a range of a stage's units.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="layer">The layer's weights, for the stages of a layer.</param>
    /// <param name="lastLayer">Whether no layer follows.</param>
    /// <param name="from">First unit.</param>
    /// <param name="to">One past the last unit.</param>
    /// <param name="threadScratch">The thread's own, at least <see cref="ThreadScratchLength"/> floats.</param>
    public void Run(EncoderStage stage, PackedLayer? layer, bool lastLayer, int from, int to, Span<float> threadScratch)
    {
        switch (stage)
        {
            case EncoderStage.Embed:
                Embed(from, to, threadScratch);
                break;
            case EncoderStage.Map:
                Multiply(_scratch.Wide, _scratch.EmbeddingStride, _model.EmbeddingMapping, from, to, _scratch.Hidden, _scratch.HiddenStride, accumulate: false, TileActivation.None);
                break;
            case EncoderStage.QuantizeHidden or EncoderStage.QuantizeAttended:
                Quantize(_scratch.Hidden, _scratch.HiddenStride, _config.HiddenSize, from, to);
                break;
            case EncoderStage.KeepFirstTokens:
                KeepFirstTokens();
                break;
            case EncoderStage.QuantizeContext:
                Quantize(_scratch.Wide, _scratch.QueryKeyValueStride, _config.HiddenSize, from, to);
                break;
            case EncoderStage.QuantizeIntermediate:
                Quantize(_scratch.Wide, _scratch.IntermediateStride, _config.IntermediateSize, from, to);
                break;
            case EncoderStage.QueryKeyValue:
                Multiply(_scratch.Hidden, _scratch.HiddenStride, layer!.QueryKeyValue, from, to, _scratch.Wide, _scratch.QueryKeyValueStride, accumulate: false, TileActivation.None);
                break;
            case EncoderStage.Attend:
                Attend(lastLayer && WantsFirstTokensAlone, from, to, threadScratch);
                break;
            case EncoderStage.AttentionOutput:
                Multiply(_scratch.Wide, _scratch.QueryKeyValueStride, layer!.AttentionOutput, from, to, _scratch.Hidden, _scratch.HiddenStride, accumulate: true, TileActivation.None);
                break;
            case EncoderStage.AttentionNorm:
                Normalize(layer!.AttentionNorm, from, to);
                break;
            case EncoderStage.FeedForward:
                Multiply(_scratch.Hidden, _scratch.HiddenStride, layer!.FeedForward, from, to, _scratch.Wide, _scratch.IntermediateStride, accumulate: false, _activation);
                break;
            case EncoderStage.FeedForwardOutput:
                Multiply(_scratch.Wide, _scratch.IntermediateStride, layer!.FeedForwardOutput, from, to, _scratch.Hidden, _scratch.HiddenStride, accumulate: true, TileActivation.None);
                break;
            case EncoderStage.OutputNorm:
                Normalize(layer!.OutputNorm, from, to);
                break;
            case EncoderStage.Gather:
                Gather(from, to);
                break;
            case EncoderStage.Pool:
                Pool(from, to);
                break;
        }
    }

    public void Dispose() => _scratch.Dispose();

    private void Embed(int from, int to, Span<float> widened)
    {
        var width = _config.EmbeddingSize;
        var firstToken = FirstTokenOf(_firstSequence);
        var sequence = _firstSequence;
        for (var token = from; token < to; token++)
        {
            while (_batch.Starts[sequence + 1] <= firstToken + token)
            {
                sequence++;
            }

            var row = _scratch.Wide.Slice(token * _scratch.EmbeddingStride, width);
            _model.WordEmbeddings.Copy(_batch.Ids[firstToken + token], row);
            _model.TokenTypeEmbeddings.Add(_batch.SegmentIds[firstToken + token], row, widened);
            _model.PositionEmbeddings.Add(firstToken + token - _batch.Starts[sequence], row, widened);
            LayerNorm.Apply(row, _model.EmbeddingNorm.Gain, _model.EmbeddingNorm.Shift, _config.LayerNormEpsilon);
        }
    }

    private void Attend(bool firstTokensAlone, int from, int to, Span<float> scratch)
    {
        var hidden = _config.HiddenSize;
        var headWidth = hidden / _config.AttentionHeads;
        for (var unit = from; unit < to; unit++)
        {
            var (offset, head) = Math.DivRem(unit, _config.AttentionHeads);
            var start = FirstTokenOf(_firstSequence + offset);
            var length = FirstTokenOf(_firstSequence + offset + 1) - start;
            var rows = _scratch.Wide[((start - FirstTokenOf(_firstSequence)) * _scratch.QueryKeyValueStride)..];
            var column = head * headWidth;
            Attention.Head(rows, _scratch.QueryKeyValueStride, length, column, hidden + column, (2 * hidden) + column, headWidth, firstTokensAlone ? 1 : length, scratch);
        }
    }

    // Each row moves towards the front, so none is overwritten before it has moved.
    private void KeepFirstTokens()
    {
        var count = _endSequence - _firstSequence;
        for (var offset = 0; offset < count; offset++)
        {
            var token = FirstTokenOf(_firstSequence + offset) - FirstTokenOf(_firstSequence);
            Move(_scratch.Hidden, _scratch.HiddenStride, token, offset);
            Move(_scratch.Wide, _scratch.QueryKeyValueStride, token, offset);
        }

        _rows = count;

        void Move(Span<float> rows, int stride, int from, int to) => rows.Slice(from * stride, _config.HiddenSize).CopyTo(rows[(to * stride)..]);
    }

    private void Normalize(PackedNorm norm, int from, int to)
    {
        for (var token = from; token < to; token++)
        {
            LayerNorm.Apply(_scratch.Hidden.Slice(token * _scratch.HiddenStride, _config.HiddenSize), norm.Gain, norm.Shift, _config.LayerNormEpsilon);
        }
    }

    private void Gather(int from, int to)
    {
        var hidden = _config.HiddenSize;
        var stride = _scratch.HiddenStride;
        var firstToken = FirstTokenOf(_firstSequence);
        for (var offset = from; offset < to; offset++)
        {
            var start = FirstTokenOf(_firstSequence + offset);
            if (WantsPooler)
            {
                var row = WantsFirstTokensAlone ? offset : start - firstToken;
                _scratch.Hidden.Slice(row * stride, hidden).CopyTo(_scratch.Wide[(offset * stride)..]);
            }

            if (_outputs.LastHiddenState.IsEmpty)
            {
                continue;
            }

            var end = FirstTokenOf(_firstSequence + offset + 1);
            for (var token = start; token < end; token++)
            {
                _scratch.Hidden.Slice((token - firstToken) * stride, hidden).CopyTo(_outputs.LastHiddenState.Span[(token * hidden)..]);
            }
        }
    }

    private void Pool(int from, int to)
    {
        var count = _endSequence - _firstSequence;
        var stride = _scratch.HiddenStride;
        var hidden = _config.HiddenSize;
        var pooled = _scratch.Wide[(MatrixProduct.PadRows(count) * stride)..];
        MatrixProduct.Multiply(_scratch.Wide, stride, count, _model.Pooler!.Floats!, from, to, pooled, stride, accumulate: false, TileActivation.Tanh);
        var firstColumn = from * PackedMatrix.PanelColumns;
        var columns = Math.Min(to * PackedMatrix.PanelColumns, hidden) - firstColumn;
        for (var offset = 0; offset < count; offset++)
        {
            pooled.Slice((offset * stride) + firstColumn, columns).CopyTo(_outputs.PoolerOutput.Span[(((_firstSequence + offset) * hidden) + firstColumn)..]);
        }
    }

    private void Quantize(Span<float> states, int stride, int width, int from, int to)
    {
        for (var token = from; token < to; token++)
        {
            var codes = _scratch.Codes.Slice(token * _scratch.CodeStride, QuantizedMatrix.RoundUp(width));
            (_scratch.CodeScales[token], _scratch.CodeSmallest[token]) = RowQuantization.Apply(states.Slice(token * stride, width), codes);
        }
    }

    private void Multiply(
        Span<float> a, int aStride, PackedLinear weights, int from, int to, Span<float> c, int cStride, bool accumulate, TileActivation activation)
    {
        if (weights.Floats is { } floats)
        {
            MatrixProduct.Multiply(a, aStride, _rows, floats, from, to, c, cStride, accumulate, activation);
            return;
        }

        QuantizedProduct.Multiply(
            a, aStride, _scratch.Codes, _scratch.CodeStride, _scratch.CodeScales, _scratch.CodeSmallest, _rows, weights.Codes!, from, to, c, cStride, accumulate, activation);
    }

    private int FirstTokenOf(int sequence) => _batch.Starts[sequence];
}
