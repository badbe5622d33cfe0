using AlbertSearch.Embeddings.Memory;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// A linear layer's weights, laid out once for the micro-kernel: panels of <see cref="PanelColumns"/> outputs, each depth-major
/// ([inputs][columns]), the last one filled up with zeros; and the biases. Weights that fit are kept in 16 bits without loss
/// (<see cref="HalfPanel"/>). Immutable once filled.
/// </summary>
internal sealed class PackedMatrix : IDisposable
{
    // HalfTile512 reads the code before a row's first; a whole cache line keeps the alignment.
    private const int CodesBefore = 32;

    private readonly AlignedBuffer<float> _panels;
    private readonly AlignedBuffer<short> _halfPanels;
    private readonly AlignedBuffer<float> _bias;

    /// <summary>Takes the memory.</summary>
    /// <param name="inputs">Depth of the product, at least 1.</param>
    /// <param name="outputs">Columns of the result, at least 1.</param>
    /// <param name="half">Whether to keep the weights in 16 bits; <see cref="HalfPanel.CanHold"/> must be true of all of them.</param>
    public PackedMatrix(int inputs, int outputs, bool half)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        Inputs = inputs;
        Outputs = outputs;
        Panels = (outputs + PanelColumns - 1) / PanelColumns;
        IsHalf = half;
        var length = checked(Panels * PanelColumns * inputs);
        _panels = new AlignedBuffer<float>(half ? 0 : length);
        _halfPanels = new AlignedBuffer<short>(half ? checked(CodesBefore + length) : 0);
        _bias = new AlignedBuffer<float>(Panels * PanelColumns);
    }

    /// <summary>Columns of a panel on this processor.</summary>
    public static int PanelColumns => MatrixTile512.IsSupported ? MatrixTile512.Columns : MatrixTile256.Columns;

    /// <summary>Depth of the product.</summary>
    public int Inputs { get; }

    /// <summary>Columns of the result.</summary>
    public int Outputs { get; }

    /// <summary>Number of panels.</summary>
    public int Panels { get; }

    /// <summary>Whether the weights are kept in 16 bits.</summary>
    public bool IsHalf { get; }

    /// <summary>All panels, one after the other; empty when <see cref="IsHalf"/>.</summary>
    public ReadOnlySpan<float> PanelData => _panels.Span;

    /// <summary>The panels' codes, one after the other, with readable memory before the first; empty unless <see cref="IsHalf"/>.</summary>
    public ReadOnlySpan<short> HalfPanelData => IsHalf ? _halfPanels.Span[CodesBefore..] : default;

    /// <summary>The biases, zero past <see cref="Outputs"/>.</summary>
    public ReadOnlySpan<float> Bias => _bias.Span;

    /// <summary>The outputs rounded up to whole panels: the least row length of a result.</summary>
    public static int RoundUp(int outputs) => (outputs + PanelColumns - 1) / PanelColumns * PanelColumns;

    /// <summary>Fills some outputs; layers that share their input lie side by side, so that one product makes them all.</summary>
    /// <param name="firstOutput">Where they begin.</param>
    /// <param name="weights">Row-major [outputs, <see cref="Inputs"/>].</param>
    /// <param name="bias">[outputs].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void Fill(int firstOutput, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        if (firstOutput < 0 || firstOutput + bias.Length > Outputs || weights.Length != (long)bias.Length * Inputs)
        {
            throw new ArgumentException(
                $"{weights.Length} weights and {bias.Length} biases from output {firstOutput} do not fit a matrix of {Outputs} outputs and {Inputs} inputs.", nameof(weights));
        }

        for (var o = 0; o < bias.Length; o++)
        {
            var (panel, column) = Math.DivRem(firstOutput + o, PanelColumns);
            var start = panel * PanelColumns * Inputs;
            var row = weights.Slice(o * Inputs, Inputs);
            for (var k = 0; k < row.Length; k++)
            {
                var place = start + (k * PanelColumns);
                if (IsHalf)
                {
                    _halfPanels.Span[CodesBefore + place + HalfPanel.Place(column, PanelColumns)] = HalfPanel.Encode(row[k]);
                }
                else
                {
                    _panels.Span[place + column] = row[k];
                }
            }
        }

        bias.CopyTo(_bias.Span[firstOutput..]);
    }

    /// <summary>One weight.</summary>
    public float Weight(int output, int input)
    {
        var (panel, column) = Math.DivRem(output, PanelColumns);
        var place = ((panel * Inputs) + input) * PanelColumns;
        return IsHalf ? HalfPanel.Decode(HalfPanelData[place + HalfPanel.Place(column, PanelColumns)]) : _panels.Span[place + column];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _halfPanels.Dispose();
        _panels.Dispose();
        _bias.Dispose();
    }
}
