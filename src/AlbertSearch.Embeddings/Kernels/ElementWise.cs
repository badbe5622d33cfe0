using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// values[i] ← f(values[i]), in place: one read and one write an element. Elements do not see each other, so a NaN stays where it is;
/// what is left over after the last full register goes through the scalar twin.
/// </summary>
internal static unsafe class ElementWise
{
    /// <summary>Applies a function with the widest registers there are.</summary>
    public static void Apply<TFunction>(Span<float> values)
        where TFunction : struct, IElementFunction
    {
        fixed (float* start = values)
        {
            var done = 0;
            if (Lanes512.IsSupported)
            {
                done = Run<TFunction, Lanes512, Vector512<float>>(start, values.Length);
            }
            else if (Lanes256.IsSupported)
            {
                done = Run<TFunction, Lanes256, Vector256<float>>(start, values.Length);
            }
            else if (Lanes128.IsSupported)
            {
                done = Run<TFunction, Lanes128, Vector128<float>>(start, values.Length);
            }

            Run<TFunction, LanesScalar, float>(start + done, values.Length - done);
        }
    }

    /// <summary>The scalar twin.</summary>
    public static void ApplyScalar<TFunction>(Span<float> values)
        where TFunction : struct, IElementFunction
    {
        fixed (float* start = values)
        {
            Run<TFunction, LanesScalar, float>(start, values.Length);
        }
    }

    private static int Run<TFunction, TLanes, TVector>(float* values, int length)
        where TFunction : struct, IElementFunction
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            TLanes.Store(values + i, TFunction.Apply<TLanes, TVector>(TLanes.Load(values + i)));
        }

        return i;
    }
}
