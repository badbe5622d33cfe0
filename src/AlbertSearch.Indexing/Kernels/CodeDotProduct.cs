using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AlbertSearch.Indexing.Memory;

namespace AlbertSearch.Indexing.Kernels;

/// <summary>
/// Σ qᵢ·(cᵢ − 128) of 8-bit codes c (1…255, see <see cref="ScalarQuantizer"/>) with a query q of −64…64, exact in 32 bits.
/// The codes are kept unsigned because the x86 instruction for pairs multiplies unsigned by signed bytes; 128·Σqᵢ is taken off at the end.
/// Two products of 255·64 fit in the 16 bits that it adds them in, so that every width gives the same integer.
/// Lengths are multiples of 64; where a vector is shorter, the query holds zeros.
/// </summary>
internal static unsafe class CodeDotProduct
{
    /// <summary>Largest magnitude in a query.</summary>
    public const int QueryLimit = 64;

    /// <summary>What stands for zero in a code.</summary>
    public const int CodeZero = 128;

    /// <summary>Rows that are on their way from memory while one is multiplied: enough to cover the latency, few enough for the line buffers.</summary>
    private const int RowsAhead = 3;

    private const int Step = 64;

    private static ReadOnlySpan<byte> Ones =>
    [
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ];

    /// <summary>The definition, the fallback and the oracle of the others.</summary>
    public static int Scalar(ReadOnlySpan<sbyte> query, ReadOnlySpan<byte> codes)
    {
        CheckLengths(query.Length, codes.Length);
        var sum = 0;
        for (var i = 0; i < query.Length; i++)
        {
            sum += query[i] * (codes[i] - CodeZero);
        }

        return sum;
    }

    /// <summary>The dot product of one pair.</summary>
    public static int Compute(ReadOnlySpan<sbyte> query, ReadOnlySpan<byte> codes)
    {
        CheckLengths(query.Length, codes.Length);
        fixed (sbyte* q = query)
        {
            fixed (byte* c = codes)
            {
                return Raw(q, c, query.Length) - (CodeZero * QuerySum(query));
            }
        }
    }

    /// <summary>The dot products of one query with many rows; the rows to come are fetched while one is multiplied.</summary>
    /// <param name="query">As long as the rows' stride.</param>
    /// <param name="querySum">Of <see cref="QuerySum"/>.</param>
    /// <param name="rows">The table of codes.</param>
    /// <param name="wanted">Rows that there is memory for.</param>
    /// <param name="sums">Takes a dot product a row.</param>
    public static void ComputeMany(ReadOnlySpan<sbyte> query, int querySum, in RowAddresses rows, ReadOnlySpan<int> wanted, Span<int> sums)
    {
        CheckLengths(query.Length, rows.Stride);
        sums = sums[..wanted.Length];
        var length = query.Length;
        var offset = CodeZero * querySum;
        fixed (sbyte* q = query)
        {
            for (var i = 0; i < Math.Min(RowsAhead, wanted.Length); i++)
            {
                Prefetch.Row(rows[wanted[i]], length);
            }

            for (var i = 0; i < wanted.Length; i++)
            {
                if (i + RowsAhead < wanted.Length)
                {
                    Prefetch.Row(rows[wanted[i + RowsAhead]], length);
                }

                sums[i] = Raw(q, (byte*)rows[wanted[i]], length) - offset;
            }
        }
    }

    /// <summary>The dot product of a query with one row.</summary>
    public static int ComputeOne(ReadOnlySpan<sbyte> query, int querySum, in RowAddresses rows, int row)
    {
        CheckLengths(query.Length, rows.Stride);
        fixed (sbyte* q = query)
        {
            return Raw(q, (byte*)rows[row], query.Length) - (CodeZero * querySum);
        }
    }

    /// <summary>Σ qᵢ of a query whose length is a multiple of 64: its product with a row of ones.</summary>
    public static int QuerySum(ReadOnlySpan<sbyte> query)
    {
        CheckLengths(query.Length, query.Length);
        var sum = 0;
        fixed (sbyte* q = query)
        {
            fixed (byte* ones = Ones)
            {
                for (var i = 0; i < query.Length; i += Step)
                {
                    sum += Raw(q + i, ones, Step);
                }
            }
        }

        return sum;
    }

    /// <summary>Σ qᵢ·cᵢ, by the widest kernel that this processor has.</summary>
    private static int Raw(sbyte* query, byte* codes, int length) =>
        Avx512BW.IsSupported ? Raw512(query, codes, length)
        : Avx2.IsSupported ? Raw256(query, codes, length)
        : Vector128.IsHardwareAccelerated ? Raw128(query, codes, length)
        : RawScalar(query, codes, length);

    /// <summary>64 codes a step: two multiplications, one for pairs into 16 bits and one that adds pairs of these into 32.</summary>
    internal static int Raw512(sbyte* query, byte* codes, int length)
    {
        var ones = Vector512<short>.One;
        Vector512<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + (4 * Step) <= length; i += 4 * Step)
        {
            s0 += Pairs(query + i, codes + i);
            s1 += Pairs(query + i + 64, codes + i + 64);
            s2 += Pairs(query + i + 128, codes + i + 128);
            s3 += Pairs(query + i + 192, codes + i + 192);
        }

        for (; i < length; i += Step)
        {
            s0 += Pairs(query + i, codes + i);
        }

        return Vector512.Sum((s0 + s1) + (s2 + s3));

        Vector512<int> Pairs(sbyte* q, byte* c) =>
            Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(c), Vector512.Load(q)), ones);
    }

    /// <summary>32 codes a step.</summary>
    internal static int Raw256(sbyte* query, byte* codes, int length)
    {
        var ones = Vector256<short>.One;
        Vector256<int> s0 = default, s1 = default;
        for (var i = 0; i < length; i += Step)
        {
            s0 += Pairs(query + i, codes + i);
            s1 += Pairs(query + i + 32, codes + i + 32);
        }

        return Vector256.Sum(s0 + s1);

        Vector256<int> Pairs(sbyte* q, byte* c) =>
            Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(c), Vector256.Load(q)), ones);
    }

    /// <summary>16 codes a step, widened to 16 bits. A product is below 2¹⁴ in magnitude, so that two are added in 16 bits and then widened.</summary>
    internal static int Raw128(sbyte* query, byte* codes, int length)
    {
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            var (q0, q1) = Vector128.Widen(Vector128.Load(query + i));
            var (c0, c1) = Vector128.Widen(Vector128.Load(codes + i));
            var (low, high) = Vector128.Widen((q0 * c0.AsInt16()) + (q1 * c1.AsInt16()));
            sum += low + high;
        }

        return Vector128.Sum(sum);
    }

    /// <summary>One code a step.</summary>
    internal static int RawScalar(sbyte* query, byte* codes, int length)
    {
        var sum = 0;
        for (var i = 0; i < length; i++)
        {
            sum += query[i] * codes[i];
        }

        return sum;
    }

    private static void CheckLengths(int query, int codes)
    {
        if (query != codes || query % Step != 0)
        {
            throw new ArgumentException($"The query has {query} codes and the row {codes}; both must be one multiple of {Step}.", nameof(query));
        }
    }
}
