using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Indexing.Vectors;

/// <summary>
/// Rows of floats. Those that are mapped from a file are checked block by block when first touched; after that, and for all others,
/// a row costs nothing but its address. One writer a row; any number of readers.
/// </summary>
internal sealed class FloatVectors : IDisposable
{
    private readonly RowTable<float> _rows;
    private MappedRows? _mapped;
    private int _snapshotRows;

    /// <summary>Makes an empty table.</summary>
    /// <param name="dimension">Floats in a vector.</param>
    /// <param name="scratchFolder">Where files for the floats lie; null to keep them in memory.</param>
    public FloatVectors(int dimension, string? scratchFolder = null)
    {
        ScratchFolder = scratchFolder;
        _rows = new RowTable<float>(dimension, sizeof(float), scratchFolder is null ? null : bytes => MappedBlock.CreateScratch(scratchFolder, bytes));
    }

    /// <summary>Where files for the floats lie; null when they are kept in memory.</summary>
    public string? ScratchFolder { get; }

    /// <summary>Floats in a vector.</summary>
    public int Dimension => _rows.Length;

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride => _rows.Stride;

    /// <summary>Bytes in memory.</summary>
    public long MemoryBytes => ScratchFolder is null ? _rows.Bytes - MappedSnapshotBytes : 0;

    /// <summary>Bytes mapped from files.</summary>
    public long MappedBytes => ScratchFolder is null ? MappedSnapshotBytes : _rows.Bytes;

    /// <summary>How many of the first so many rows can lie in one mapped block: whole chunks.</summary>
    public int MappableRows(int rows) => rows & -_rows.ChunkRows;

    private long MappedSnapshotBytes => (long)Volatile.Read(ref _snapshotRows) * Stride;

    /// <summary>A row that there is memory for.</summary>
    /// <exception cref="IndexFormatException">It lies in a file whose block of rows is damaged.</exception>
    public Span<float> this[int row]
    {
        get
        {
            if (Volatile.Read(ref _mapped) is { } mapped && row < mapped.Rows)
            {
                mapped.Check(row, _rows);
            }

            return _rows[row];
        }
    }

    /// <summary>Where the rows lie, checked or not: for asking the processor to fetch them.</summary>
    public RowAddresses Addresses => _rows.Addresses;

    /// <summary>Makes memory for rows up to this one. Writers take turns.</summary>
    public void Ensure(int row) => _rows.Ensure(row);

    /// <summary>Fills an empty table with a file's rows. The file may be closed and replaced afterwards.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where its rows begin.</param>
    /// <param name="rows">How many it has, <see cref="Stride"/> bytes each.</param>
    /// <param name="blockRows">Rows in a block.</param>
    /// <param name="checksums">CRC-32C of each block.</param>
    public void Map(FileStream file, long offset, int rows, int blockRows, uint[] checksums)
    {
        var mappedRows = MappableRows(rows);
        if (mappedRows > 0)
        {
            _rows.MoveFirstRows(MappedBlock.OpenPrivate(file, offset, (long)mappedRows * Stride));
            _snapshotRows = mappedRows;
        }

        // The last chunk has rows that the file hasn't: it is read.
        if (rows > mappedRows)
        {
            _rows.Ensure(rows - 1);
            RandomAccessReader.ReadExactly(file, offset + ((long)mappedRows * Stride), _rows.RawRows(mappedRows, rows - mappedRows));
        }

        // Rows of the read chunk are checked like the others, when first touched.
        _mapped = rows > 0 ? new MappedRows(file.Name, rows, blockRows, checksums) : null;
    }

    /// <summary>
    /// Lets the first rows lie in a file that they were written to and read back from. Nobody writes to them meanwhile, or makes rows;
    /// readers go on.
    /// </summary>
    /// <param name="block"><see cref="MappableRows"/> of the file's rows, mapped. The table owns it from now on.</param>
    /// <returns>What they lay in: to be disposed of once no reader is left that may have seen it.</returns>
    public IReadOnlyList<MemoryBlock> MoveTo(MappedBlock block)
    {
        var freed = _rows.MoveFirstRows(block);
        Volatile.Write(ref _snapshotRows, (int)(block.Length / Stride));

        // Writing the file checked every row of the one before.
        Volatile.Write(ref _mapped, null);
        return freed;
    }

    /// <summary>The bytes of rows of one block, checked.</summary>
    public ReadOnlySpan<byte> CheckedRows(int first, int count)
    {
        if (Volatile.Read(ref _mapped) is { } mapped && first < mapped.Rows)
        {
            mapped.Check(first, _rows);
        }

        return _rows.RawRows(first, count);
    }

    /// <summary>Checks every block that was not touched yet.</summary>
    /// <exception cref="IndexFormatException">A block is damaged.</exception>
    public void CheckAll(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _mapped) is not { } mapped)
        {
            return;
        }

        for (var row = 0; row < mapped.Rows; row += mapped.BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            mapped.Check(row, _rows);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _rows.Dispose();

    private sealed class MappedRows(string path, int rows, int blockRows, uint[] checksums)
    {
        private readonly bool[] _checked = new bool[checksums.Length];

        public int Rows => rows;

        public int BlockRows => blockRows;

        public void Check(int row, RowTable<float> table)
        {
            var block = row / blockRows;
            if (Volatile.Read(ref _checked[block]))
            {
                return;
            }

            var first = block * blockRows;
            var crc = Crc32C.Append(0, table.RawRows(first, Math.Min(blockRows, rows - first)));

            // Who writes a row checks its block first: a block that changed under this reading has been found sound.
            if (crc != checksums[block] && !Volatile.Read(ref _checked[block]))
            {
                throw new IndexFormatException(path, $"block {block} of the vectors, rows {first} to {Math.Min(rows, first + blockRows) - 1}, doesn't have its checksum");
            }

            Volatile.Write(ref _checked[block], true);
        }
    }
}
