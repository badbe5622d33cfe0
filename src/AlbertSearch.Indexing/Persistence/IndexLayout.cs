using System.Numerics;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>
/// Where the sections of an index file lie, computed from its counts alone: a file whose section table says otherwise is damaged.
/// The format is written down in docs/index-format.md; the two change together.
/// </summary>
internal sealed class IndexLayout
{
    /// <summary>Sections and the header begin at multiples of this.</summary>
    public const int Page = 4096;

    /// <summary>"ALBHNSW" and a line feed, which a text-mode transfer would change.</summary>
    public const ulong Magic = 0x0A57_534E_4842_4C41;

    /// <summary>The one version so far.</summary>
    public const int Version = 1;

    /// <summary>Longest block of vectors that is checked as one, about.</summary>
    private const int BlockBytes = 64 << 10;

    private const int CacheLine = 64;

    /// <summary>Computes the layout.</summary>
    /// <exception cref="OverflowException">The counts are beyond any file.</exception>
    public IndexLayout(int dimension, int m, int rows, int upperLists)
    {
        VectorStride = Round(checked(dimension * sizeof(float)), CacheLine);
        BlockRows = 1 << BitOperations.Log2((uint)Math.Max(1, BlockBytes / VectorStride));
        var codeStride = Round(dimension, CacheLine);
        Blocks = (int)((rows + (long)BlockRows - 1) / BlockRows);
        long[] lengths =
        [
            (long)rows * sizeof(int),
            (long)rows * sizeof(uint),
            checked((long)rows * Round(2 * m * sizeof(int), CacheLine)),
            checked((long)upperLists * Round(m * sizeof(int), CacheLine)),
            (long)rows * sizeof(float),
            checked((long)rows * codeStride),
            (long)Blocks * sizeof(uint),
            checked((long)rows * VectorStride),
        ];
        var offset = (long)Page;
        Sections = new (long, long)[lengths.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            Sections[i] = (offset, lengths[i]);
            offset = checked(((offset + lengths[i] + Page - 1) / Page) * Page);
        }

        FileLength = Sections[^1].Offset + Sections[^1].Length;
    }

    /// <summary>Offset and length of each section, by <see cref="IndexSection"/>.</summary>
    public (long Offset, long Length)[] Sections { get; }

    /// <summary>Bytes of the file.</summary>
    public long FileLength { get; }

    /// <summary>Bytes from a vector to the next.</summary>
    public int VectorStride { get; }

    /// <summary>Vectors that are checked as one; a power of two.</summary>
    public int BlockRows { get; }

    /// <summary>Blocks of vectors.</summary>
    public int Blocks { get; }

    private static int Round(int value, int unit) => checked(value + unit - 1) / unit * unit;
}
