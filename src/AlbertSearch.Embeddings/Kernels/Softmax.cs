using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Softmax of one row of attention scores, in place: e^(xᵢ − max) / Σ e^(xⱼ − max). A row that holds a NaN or +∞ becomes NaN;
/// −∞ becomes (nearly) 0 beside a finite value. Two passes, about 20 instructions a register.
/// </summary>
internal static unsafe class Softmax
{
    /// <summary>A row's room must be a multiple of this: the room past the count is overwritten, so that there is no tail loop.</summary>
    public const int RoomMultiple = 16;

    /// <summary>Normalizes a row with the widest registers there are.</summary>
    /// <param name="row">The scores and room behind them, a multiple of <see cref="RoomMultiple"/> in all.</param>
    /// <param name="count">Number of scores, at least 1; what lies behind them is set to 0.</param>
    public static void Apply(Span<float> row, int count)
    {
        CheckLengths(row, count);
        fixed (float* x = row)
        {
            if (Lanes512.IsSupported)
            {
                Run<Lanes512, Vector512<float>>(x, row.Length, count);
            }
            else if (Lanes256.IsSupported)
            {
                Run<Lanes256, Vector256<float>>(x, row.Length, count);
            }
            else if (Lanes128.IsSupported)
            {
                Run<Lanes128, Vector128<float>>(x, row.Length, count);
            }
            else
            {
                Run<LanesScalar, float>(x, row.Length, count);
            }
        }
    }

    /// <summary>The scalar twin.</summary>
    public static void ApplyScalar(Span<float> row, int count)
    {
        CheckLengths(row, count);
        fixed (float* x = row)
        {
            Run<LanesScalar, float>(x, row.Length, count);
        }
    }

    private static void CheckLengths(Span<float> row, int count)
    {
        if (count < 1 || count > row.Length || row.Length % RoomMultiple != 0)
        {
            throw new ArgumentException($"{count} scores in a room of {row.Length}: there must be at least one, and the room must be a multiple of {RoomMultiple}.", nameof(row));
        }
    }

    private static void Run<TLanes, TVector>(float* x, int room, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (var i = count; i < room; i++)
        {
            x[i] = float.NegativeInfinity;
        }

        var used = (count + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        var largest = TLanes.Load(x);
        for (var i = TLanes.Count; i < used; i += TLanes.Count)
        {
            largest = TLanes.Max(largest, TLanes.Load(x + i));
        }

        // A NaN that Max passed over still shows in the sum below.
        var max = TLanes.Broadcast(TLanes.MaxLane(largest));
        var sums = TLanes.Broadcast(0f);
        for (var i = 0; i < used; i += TLanes.Count)
        {
            var e = Exponential.Apply<TLanes, TVector>(TLanes.Subtract(TLanes.Load(x + i), max));
            TLanes.Store(x + i, e);
            sums = TLanes.Add(sums, e);
        }

        // The room's e^(−∞) is 1e-38 each: below half a unit in the last place of a sum that is at least 1.
        var scale = TLanes.Divide(TLanes.Broadcast(1f), TLanes.Broadcast(TLanes.Sum(sums)));
        for (var i = 0; i < used; i += TLanes.Count)
        {
            TLanes.Store(x + i, TLanes.Multiply(TLanes.Load(x + i), scale));
        }

        for (var i = count; i < room; i++)
        {
            x[i] = 0f;
        }
    }
}
