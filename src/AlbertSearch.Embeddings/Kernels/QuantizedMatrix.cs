using AlbertSearch.Embeddings.Memory;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// A linear layer's weights in 7 bits (−63 … 63) with a scale an output, laid out for the 8-bit micro-kernel: panels of
/// <see cref="PackedMatrix.PanelColumns"/> outputs, in each groups of four inputs ([inputs / 4][columns][4]), filled up with zeros to
/// a multiple of <see cref="DepthMultiple"/> inputs. Immutable once filled.
/// <para>
/// An output's largest weight is kept apart, in float, when it is more than twice the next: it would coarsen the scale of all others. (In
/// models whose value and output layers began as the identity every row has one: 7 bits then lose 12 % of the matrix's norm, without it 1.6 %.)
/// </para>
/// </summary>
internal sealed class QuantizedMatrix : IDisposable
{
    /// <summary>Inputs are filled up to a multiple of this.</summary>
    public const int DepthMultiple = 8;

    private const int Group = 4;
    private const float Largest = 63f;
    private const float OutlierRatio = 2f;

    private readonly AlignedBuffer<sbyte> _panels;
    private readonly AlignedBuffer<float> _scales;
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<float> _bias;
    private readonly List<Outlier>[] _outliers;

    /// <summary>Takes the memory.</summary>
    /// <param name="inputs">Depth of the product, at least 1.</param>
    /// <param name="outputs">Columns of the result, at least 1.</param>
    public QuantizedMatrix(int inputs, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        Inputs = inputs;
        Outputs = outputs;
        Depth = RoundUp(inputs);
        Panels = PackedMatrix.RoundUp(outputs) / PackedMatrix.PanelColumns;
        _outliers = [.. Enumerable.Range(0, Panels).Select(_ => new List<Outlier>())];
        _panels = new AlignedBuffer<sbyte>(checked(PackedMatrix.RoundUp(outputs) * Depth));
        _scales = new AlignedBuffer<float>(PackedMatrix.RoundUp(outputs));
        _sums = new AlignedBuffer<float>(PackedMatrix.RoundUp(outputs));
        _bias = new AlignedBuffer<float>(PackedMatrix.RoundUp(outputs));
    }

    /// <summary>Depth of the product.</summary>
    public int Inputs { get; }

    /// <summary>The inputs, filled up.</summary>
    public int Depth { get; }

    /// <summary>Columns of the result.</summary>
    public int Outputs { get; }

    /// <summary>Number of panels.</summary>
    public int Panels { get; }

    /// <summary>All panels, one after the other.</summary>
    public ReadOnlySpan<sbyte> PanelData => _panels.Span;

    /// <summary>A weight is its code times its output's scale.</summary>
    public ReadOnlySpan<float> Scales => _scales.Span;

    /// <summary>The sum of an output's codes: what an input's smallest value is multiplied with.</summary>
    public ReadOnlySpan<float> Sums => _sums.Span;

    /// <summary>The biases.</summary>
    public ReadOnlySpan<float> Bias => _bias.Span;

    /// <summary>The weights of a panel that are kept in float.</summary>
    public ReadOnlySpan<Outlier> Outliers(int panel) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_outliers[panel]);

    /// <summary>A depth rounded up to <see cref="DepthMultiple"/>.</summary>
    public static int RoundUp(int inputs) => (inputs + DepthMultiple - 1) / DepthMultiple * DepthMultiple;

    /// <summary>Quantizes and fills some outputs.</summary>
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
            var row = weights.Slice(o * Inputs, Inputs);
            var (largest, input) = TakeOutlier(firstOutput + o, row);
            var scale = largest / Largest;
            var sum = 0;
            for (var k = 0; k < row.Length; k++)
            {
                var code = scale > 0 && k != input ? (int)Math.Clamp(MathF.Round(row[k] / scale), -Largest, Largest) : 0;
                _panels.Span[Place(firstOutput + o, k)] = (sbyte)code;
                sum += code;
            }

            _scales.Span[firstOutput + o] = scale;
            _sums.Span[firstOutput + o] = sum;
        }

        bias.CopyTo(_bias.Span[firstOutput..]);
    }

    /// <summary>One weight's code.</summary>
    public sbyte Code(int output, int input) => _panels.Span[Place(output, input)];

    /// <inheritdoc />
    public void Dispose()
    {
        _panels.Dispose();
        _scales.Dispose();
        _sums.Dispose();
        _bias.Dispose();
    }

    // The largest weight that is left for the codes, and the input of the one that is not, or -1.
    private (float Largest, int Input) TakeOutlier(int output, ReadOnlySpan<float> row)
    {
        var (first, second, input) = (0f, 0f, -1);
        for (var k = 0; k < row.Length; k++)
        {
            var weight = Math.Abs(row[k]);
            if (weight > first)
            {
                (second, first, input) = (first, weight, k);
            }
            else if (weight > second)
            {
                second = weight;
            }
        }

        if (first <= OutlierRatio * second)
        {
            return (first, -1);
        }

        var (panel, column) = Math.DivRem(output, PackedMatrix.PanelColumns);
        _outliers[panel].Add(new Outlier(column, input, row[input]));
        return (second, input);
    }

    private int Place(int output, int input)
    {
        var (panel, column) = Math.DivRem(output, PackedMatrix.PanelColumns);
        return (panel * PackedMatrix.PanelColumns * Depth) + (input / Group * Group * PackedMatrix.PanelColumns) + (column * Group) + (input % Group);
    }

    /// <summary>A weight kept in float.</summary>
    /// <param name="Column">Its output, in the panel.</param>
    /// <param name="Input">Its input.</param>
    /// <param name="Weight">Its value.</param>
    internal readonly record struct Outlier(int Column, int Input, float Weight);
}
