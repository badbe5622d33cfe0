using System.IO.Compression;

namespace AlbertSearch.Embeddings.Tokenization.Unicode;

/// <summary>
/// The Unicode Character Database as far as the tokenizers need it. Our own copy, so that neither the globalization
/// mode nor the version of a system library changes a token. <c>UnicodeData/GenerateUnicodeData.cs</c> makes the
/// resource and describes its format.
/// </summary>
internal static class UnicodeTables
{
    private const int BlockBits = 7;
    private const int BlockCount = 0x110000 >> BlockBits;
    private const int BlockMask = (1 << BlockBits) - 1;

    private static readonly Data Loaded = Load();

    /// <summary>Version of the database.</summary>
    public static Version Version => Loaded.Version;

    /// <summary>The properties of a code point.</summary>
    public static CharacterProperties Properties(int codePoint) => Loaded.Flags[Loaded.Records[codePoint]];

    /// <summary>True when the code point has any of <paramref name="properties"/>.</summary>
    public static bool Has(int codePoint, CharacterProperties properties) => (Properties(codePoint) & properties) != 0;

    /// <summary>Canonical combining class; 0 for starters.</summary>
    public static byte CombiningClass(int codePoint) => Loaded.CombiningClasses[Loaded.Records[codePoint]];

    /// <summary>The lower-case letter by the simple mapping. Python's <c>str.lower</c> differs only for U+0130 and at a word's final sigma.</summary>
    public static int ToLower(int codePoint) => codePoint + Loaded.LowerDistances[Loaded.Records[codePoint]];

    /// <summary>The full canonical decomposition; empty when there is none. Hangul syllables are left out.</summary>
    public static ReadOnlySpan<int> CanonicalDecomposition(int codePoint)
    {
        ref readonly var place = ref Loaded.Decompositions[Loaded.DecompositionRecords[codePoint]];
        return Loaded.Pool.AsSpan(place.CanonicalStart, place.CanonicalLength);
    }

    /// <summary>The full compatibility decomposition; empty when there is none. Hangul syllables are left out.</summary>
    public static ReadOnlySpan<int> CompatibilityDecomposition(int codePoint)
    {
        ref readonly var place = ref Loaded.Decompositions[Loaded.DecompositionRecords[codePoint]];
        return Loaded.Pool.AsSpan(place.CompatibilityStart, place.CompatibilityLength);
    }

    /// <summary>The primary composite of a pair, or -1. Hangul syllables are left out.</summary>
    public static int Compose(int first, int second)
    {
        var at = Array.BinarySearch(Loaded.CompositionPairs, ((long)first << 32) | (uint)second);
        return at < 0 ? -1 : Loaded.Composites[at];
    }

    private static Data Load()
    {
        using var resource = typeof(UnicodeTables).Assembly.GetManifestResourceStream("AlbertSearch.Embeddings.Unicode.bin")
            ?? throw new InvalidOperationException("The assembly lacks its Unicode tables.");
        using var deflate = new DeflateStream(resource, CompressionMode.Decompress);
        using var reader = new BinaryReader(deflate);
        var version = new Version(reader.ReadByte(), reader.ReadByte(), reader.ReadByte());

        var recordCount = reader.ReadUInt16();
        var flags = new CharacterProperties[recordCount];
        var combiningClasses = new byte[recordCount];
        var lowerDistances = new int[recordCount];
        for (var i = 0; i < recordCount; i++)
        {
            flags[i] = (CharacterProperties)reader.ReadUInt16();
            combiningClasses[i] = reader.ReadByte();
            lowerDistances[i] = reader.ReadInt32();
        }

        var records = ReadTwoStage(reader);
        var pool = new int[reader.ReadUInt16()];
        for (var i = 0; i < pool.Length; i++)
        {
            pool[i] = reader.ReadInt32();
        }

        var decompositions = new Decomposition[reader.ReadUInt16()];
        for (var i = 0; i < decompositions.Length; i++)
        {
            decompositions[i] = new Decomposition(reader.ReadUInt16(), reader.ReadByte(), reader.ReadUInt16(), reader.ReadByte());
        }

        var decompositionRecords = ReadTwoStage(reader);
        var pairs = new long[reader.ReadUInt16()];
        var composites = new int[pairs.Length];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = ((long)reader.ReadInt32() << 32) | reader.ReadUInt32();
            composites[i] = reader.ReadInt32();
        }

        return new Data(version, flags, combiningClasses, lowerDistances, records, pool, decompositions, decompositionRecords, pairs, composites);
    }

    private static TwoStageTable ReadTwoStage(BinaryReader reader)
    {
        var blocks = ReadUInt16s(reader, BlockCount);
        return new TwoStageTable(blocks, ReadUInt16s(reader, reader.ReadUInt16() << BlockBits));
    }

    private static ushort[] ReadUInt16s(BinaryReader reader, int count)
    {
        var values = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = reader.ReadUInt16();
        }

        return values;
    }

    private readonly record struct Decomposition(int CompatibilityStart, int CompatibilityLength, int CanonicalStart, int CanonicalLength);

    private readonly record struct TwoStageTable(ushort[] Blocks, ushort[] Values)
    {
        public int this[int codePoint] => Values[(Blocks[codePoint >> BlockBits] << BlockBits) + (codePoint & BlockMask)];
    }

    private sealed record Data(
        Version Version,
        CharacterProperties[] Flags,
        byte[] CombiningClasses,
        int[] LowerDistances,
        TwoStageTable Records,
        int[] Pool,
        Decomposition[] Decompositions,
        TwoStageTable DecompositionRecords,
        long[] CompositionPairs,
        int[] Composites);
}
