using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Benchmarks.Encoder;

/// <summary>
/// The matrix product on the encoder's shapes against OpenBLAS's sgemm (when libopenblas is installed), one thread, the two in turn:
/// a JSON line a shape with the median GFLOP/s of each.
/// </summary>
internal static unsafe class SgemmBenchmark
{
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;

    private static readonly (int Outputs, int Inputs)[] Layers = [(2304, 768), (768, 768), (3072, 768), (768, 3072)];
    private static readonly int[] Rows = [8, 32, 512, 4096];

    public static int Run(BenchmarkArguments arguments)
    {
        var rounds = arguments.Number("rounds", 7);
        var openBlas = LoadOpenBlas();
        foreach (var rows in Rows)
        {
            foreach (var (outputs, inputs) in Layers)
            {
                foreach (var half in (ReadOnlySpan<bool>)[false, true])
                {
                    Console.WriteLine(JsonSerializer.Serialize(Measure(rows, outputs, inputs, half, rounds, openBlas)));
                }
            }
        }

        return 0;
    }

    private static object Measure(int rows, int outputs, int inputs, bool half, int rounds, delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> openBlas)
    {
        var random = new Random(17);
        var weights = Enumerable.Range(0, outputs * inputs).Select(_ => (float)(Half)(random.NextSingle() - 0.5f)).ToArray();
        var stride = MatrixProduct.RowStride(inputs);
        var a = new float[MatrixProduct.PadRows(rows) * stride];
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = random.NextSingle() - 0.5f;
        }

        var c = new float[MatrixProduct.PadRows(rows) * outputs];
        var expected = new float[c.Length];
        using var packed = new PackedMatrix(inputs, outputs, half);
        packed.Fill(0, weights, new float[outputs]);

        var operations = 2.0 * rows * outputs * inputs;
        var repeats = (int)Math.Max(1, 2e9 / operations);
        var ours = new List<double>();
        var theirs = new List<double>();
        fixed (float* pa = a, pw = weights, pe = expected)
        {
            for (var round = 0; round <= rounds; round++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < repeats; i++)
                {
                    MatrixProduct.Multiply(a, stride, rows, packed, 0, packed.Panels, c, outputs, accumulate: false, TileActivation.None);
                }

                ours.Add(operations * repeats / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
                if (openBlas is null)
                {
                    continue;
                }

                start = Stopwatch.GetTimestamp();
                for (var i = 0; i < repeats; i++)
                {
                    openBlas(RowMajor, NoTranspose, Transpose, rows, outputs, inputs, 1f, pa, stride, pw, inputs, 0f, pe, outputs);
                }

                theirs.Add(operations * repeats / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
            }
        }

        var difference = openBlas is null ? 0 : Enumerable.Range(0, rows * outputs).Max(i => Math.Abs(c[i] - expected[i]));

        // The first round is warm-up.
        var our = Median(ours.Skip(1));
        var their = openBlas is null ? (double?)null : Median(theirs.Skip(1));
        return new { bench = "sgemm", rows, outputs, inputs, weightBits = half ? 16 : 32, gflops = Math.Round(our, 1), openBlasGflops = their is { } t ? Math.Round(t, 1) : (double?)null, ratio = their is { } u ? Math.Round(our / u, 2) : (double?)null, maxDifference = difference };
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> LoadOpenBlas()
    {
        if (!NativeLibrary.TryLoad("libopenblas.so.0", out var library))
        {
            Console.Error.WriteLine("libopenblas.so.0 is not installed: measuring alone.");
            return null;
        }

        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads"))(1);
        return (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
    }
}
