using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Layer normalization of one row, in place: (x − mean) / √(variance + ε) · gain + shift, the variance about the mean and over
/// all elements (biased), as PyTorch does. Three passes over a row that is in the first-level cache: mean, variance, result.
/// A NaN or an infinity makes the whole row NaN.
/// </summary>
internal static unsafe class LayerNorm
{
    /// <summary>Normalizes a row with the widest registers there are.</summary>
    /// <param name="row">The row, at least one element.</param>
    /// <param name="gain">As long as the row.</param>
    /// <param name="shift">As long as the row.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Apply(Span<float> row, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, float epsilon)
    {
        CheckLengths(row, gain, shift);
        fixed (float* x = row, g = gain, s = shift)
        {
            if (Lanes512.IsSupported)
            {
                Run<Lanes512, Vector512<float>>(x, g, s, row.Length, epsilon);
            }
            else if (Lanes256.IsSupported)
            {
                Run<Lanes256, Vector256<float>>(x, g, s, row.Length, epsilon);
            }
            else if (Lanes128.IsSupported)
            {
                Run<Lanes128, Vector128<float>>(x, g, s, row.Length, epsilon);
            }
            else
            {
                Run<LanesScalar, float>(x, g, s, row.Length, epsilon);
            }
        }
    }

    /// <summary>The scalar twin.</summary>
    public static void ApplyScalar(Span<float> row, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, float epsilon)
    {
        CheckLengths(row, gain, shift);
        fixed (float* x = row, g = gain, s = shift)
        {
            Run<LanesScalar, float>(x, g, s, row.Length, epsilon);
        }
    }

    private static void CheckLengths(Span<float> row, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift)
    {
        if (gain.Length != row.Length || shift.Length != row.Length)
        {
            throw new ArgumentException($"A row of {row.Length} needs as many gains and shifts; got {gain.Length} and {shift.Length}.", nameof(gain));
        }
    }

    private static void Run<TLanes, TVector>(float* x, float* gain, float* shift, int length, float epsilon)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var whole = length - (length % TLanes.Count);
        var sums = TLanes.Broadcast(0f);
        for (var i = 0; i < whole; i += TLanes.Count)
        {
            sums = TLanes.Add(sums, TLanes.Load(x + i));
        }

        var sum = TLanes.Sum(sums);
        for (var i = whole; i < length; i++)
        {
            sum += x[i];
        }

        var mean = sum / length;
        var means = TLanes.Broadcast(mean);
        sums = TLanes.Broadcast(0f);
        var drifts = TLanes.Broadcast(0f);
        for (var i = 0; i < whole; i += TLanes.Count)
        {
            var d = TLanes.Subtract(TLanes.Load(x + i), means);
            drifts = TLanes.Add(drifts, d);
            sums = TLanes.MultiplyAdd(d, d, sums);
        }

        var squares = TLanes.Sum(sums);
        var drift = TLanes.Sum(drifts);
        for (var i = whole; i < length; i++)
        {
            drift += x[i] - mean;
            squares += (x[i] - mean) * (x[i] - mean);
        }

        // What the first pass rounded off a large mean shows in the differences to it (Chan, Golub and LeVeque's corrected two-pass algorithm).
        drift /= length;
        mean += drift;
        means = TLanes.Broadcast(mean);
        var variance = MathF.Max(0f, (squares / length) - (drift * drift));
        var scale = 1f / MathF.Sqrt(variance + epsilon);
        var scales = TLanes.Broadcast(scale);
        for (var i = 0; i < whole; i += TLanes.Count)
        {
            var d = TLanes.Multiply(TLanes.Subtract(TLanes.Load(x + i), means), scales);
            TLanes.Store(x + i, TLanes.MultiplyAdd(d, TLanes.Load(gain + i), TLanes.Load(shift + i)));
        }

        for (var i = whole; i < length; i++)
        {
            x[i] = ((x[i] - mean) * scale * gain[i]) + shift[i];
        }
    }
}
