using System.Buffers.Binary;
using System.Text;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>The first page of an index file; see docs/index-format.md for the offsets.</summary>
internal sealed class IndexHeader
{
    private const int IdentityOffset = 68;
    private const int SectionsOffset = 336;
    private const int SectionBytes = 24;
    private const int IdOffset = 528;
    private const int IdBytes = 16;
    private const int ChecksumOffset = IndexLayout.Page - sizeof(uint);
    private const int MaxDimension = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Floats in a vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>The graph's parameters.</summary>
    public required HnswOptions Options { get; init; }

    /// <summary>Where the file belongs.</summary>
    public required IndexSnapshotInfo Info { get; init; }

    /// <summary>Rows, held or not.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that are held.</summary>
    public required int Count { get; init; }

    /// <summary>Lists above layer 0.</summary>
    public required int UpperLists { get; init; }

    /// <summary>Where searches begin, or -1 when there are no rows.</summary>
    public required int EntryPoint { get; init; }

    /// <summary>CRC-32C of each section; 0 for the vectors.</summary>
    public required uint[] Checksums { get; init; }

    /// <summary>Where the sections lie.</summary>
    public IndexLayout Layout => new(Dimension, Options.M, Rows, UpperLists);

    /// <summary>Makes the page.</summary>
    public byte[] ToBytes()
    {
        var page = new byte[IndexLayout.Page];
        BinaryPrimitives.WriteUInt64LittleEndian(page, IndexLayout.Magic);
        int[] numbers = [IndexLayout.Version, IndexLayout.Page, Dimension, Options.M, Options.EfConstruction, Options.Ef];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(8 + (4 * i)), numbers[i]);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(32), Options.Seed);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(40), Info.AppliedSequence);
        int[] counts = [Rows, Count, UpperLists, EntryPoint, StrictUtf8.GetByteCount(Info.ModelIdentity)];
        for (var i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(48 + (4 * i)), counts[i]);
        }

        StrictUtf8.GetBytes(Info.ModelIdentity, page.AsSpan(IdentityOffset, IndexSnapshotInfo.MaxModelIdentityBytes));
        var layout = Layout;
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(328), layout.BlockRows);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(332), layout.Sections.Length);
        for (var i = 0; i < layout.Sections.Length; i++)
        {
            var entry = page.AsSpan(SectionsOffset + (SectionBytes * i));
            BinaryPrimitives.WriteInt64LittleEndian(entry, layout.Sections[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], layout.Sections[i].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], Checksums[i]);
        }

        Info.Id.TryWriteBytes(page.AsSpan(IdOffset, IdBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(ChecksumOffset), Crc32C.Append(0, page.AsSpan(0, ChecksumOffset)));
        return page;
    }

    /// <summary>Reads and checks the page: after it, every count fits the file's length.</summary>
    /// <exception cref="IndexFormatException">It is not the header of an index file, or one that is damaged.</exception>
    public static IndexHeader Read(FileStream file)
    {
        var page = new byte[IndexLayout.Page];
        if (file.Length < page.Length)
        {
            throw new IndexFormatException(file.Name, $"it has {file.Length} bytes, less than a header");
        }

        RandomAccessReader.ReadExactly(file, 0, page);
        Check(BinaryPrimitives.ReadUInt64LittleEndian(page) == IndexLayout.Magic, "it is not an index file");
        Check(Int(8) == IndexLayout.Version, $"it has version {Int(8)}; this program reads version {IndexLayout.Version}");
        Check(BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(ChecksumOffset)) == Crc32C.Append(0, page.AsSpan(0, ChecksumOffset)), "its header doesn't have its checksum");
        Check(Int(12) == IndexLayout.Page, "its header has another length");
        Check(Int(16) is > 0 and <= MaxDimension, $"its vectors have {Int(16)} floats");
        var options = new HnswOptions { M = Int(20), EfConstruction = Int(24), Ef = Int(28), Seed = BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(32)) };
        try
        {
            options.Validate();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new IndexFormatException(file.Name, $"its parameter {exception.ParamName} is {exception.ActualValue}");
        }

        var (rows, count, upperLists, entryPoint, identityBytes) = (Int(48), Int(52), Int(56), Int(60), Int(64));
        Check(rows >= 0 && count >= 0 && count <= rows, $"it has {count} vectors in {rows} rows");
        Check(upperLists >= 0 && upperLists <= (long)rows * LevelGenerator.MaxLevel, $"it has {upperLists} lists above layer 0");
        Check(rows == 0 ? entryPoint == HnswGraph.NoNode : (uint)entryPoint < (uint)rows, $"its entry point is {entryPoint}");
        Check(identityBytes is >= 0 and <= IndexSnapshotInfo.MaxModelIdentityBytes, $"its model identity has {identityBytes} bytes");
        var layout = new IndexLayout(Int(16), options.M, rows, upperLists);
        Check(layout.FileLength == file.Length, $"it has {file.Length} bytes instead of {layout.FileLength}");
        Check(Int(328) == layout.BlockRows && Int(332) == layout.Sections.Length, "its sections are others");
        var checksums = new uint[layout.Sections.Length];
        for (var i = 0; i < layout.Sections.Length; i++)
        {
            var entry = page.AsSpan(SectionsOffset + (SectionBytes * i));
            var place = (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
            Check(place == layout.Sections[i], $"its section {(IndexSection)i} lies elsewhere");
            checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
        }

        return new IndexHeader
        {
            Dimension = Int(16),
            Options = options,
            Info = new IndexSnapshotInfo { Id = new Guid(page.AsSpan(IdOffset, IdBytes)), ModelIdentity = Identity(identityBytes), AppliedSequence = BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(40)) },
            Rows = rows,
            Count = count,
            UpperLists = upperLists,
            EntryPoint = entryPoint,
            Checksums = checksums,
        };

        int Int(int offset) => BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(offset));

        string Identity(int bytes)
        {
            try
            {
                return StrictUtf8.GetString(page, IdentityOffset, bytes);
            }
            catch (DecoderFallbackException)
            {
                throw new IndexFormatException(file.Name, "its model identity is not UTF-8");
            }
        }

        void Check(bool condition, string defect)
        {
            if (!condition)
            {
                throw new IndexFormatException(file.Name, defect);
            }
        }
    }
}
