using System.Runtime.InteropServices;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>Writes an index to a file of another name, which takes the file's place once it is whole and on the disk.</summary>
/// <param name="dimension">Floats in a vector.</param>
/// <param name="options">The graph's parameters.</param>
/// <param name="info">Where the file belongs.</param>
/// <param name="progress">Told how far the writing is, less than 1 until the file is whole and flushed; null for nobody.</param>
internal sealed class IndexFileWriter(int dimension, HnswOptions options, IndexSnapshotInfo info, IProgress<double>? progress)
{
    private const int RowsAtOnce = 4096;
    private const int BytesAtOnce = 4 << 20;

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file to make or replace; its folder exists.</param>
    /// <param name="snapshot">What changes.</param>
    /// <param name="vectors">What does not: nobody writes to the snapshot's rows meanwhile.</param>
    /// <param name="cancellationToken">Ends the writing early, by exception; the file is untouched then.</param>
    /// <returns>The file's vectors, mapped and found to be what was written, as many as <see cref="FloatVectors.MappableRows"/>; null when that is none, or on Windows, where a mapped file can't be replaced.</returns>
    public MappedBlock? Write(string path, IndexSnapshot snapshot, QuantizedVectors vectors, CancellationToken cancellationToken)
    {
        // One name: what a process that was killed left behind is overwritten, and two saves at once are refused by the file system.
        var temporary = path + ".tmp";
        MappedBlock? mapped = null;
        var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            using (file)
            {
                var layout = new IndexLayout(dimension, options.M, snapshot.Rows, snapshot.UpperLists);
                var checksums = WriteSections(file, layout, snapshot, vectors, cancellationToken);
                file.Flush(flushToDisk: true);
                mapped = Map(file, layout, vectors.Floats.MappableRows(snapshot.Rows), checksums, cancellationToken);
            }

            progress?.Report(1);
            File.Move(temporary, path, overwrite: true);
            FolderFlush.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return mapped;
        }
        catch
        {
            mapped?.Dispose();
            throw;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <returns>The checksums of the blocks of vectors.</returns>
    private uint[] WriteSections(FileStream file, IndexLayout layout, IndexSnapshot snapshot, QuantizedVectors vectors, CancellationToken cancellationToken)
    {
        var rows = snapshot.Rows;
        file.SetLength(layout.FileLength);
        var writer = new SectionWriter(file, layout);
        WriteBytes(IndexSection.Slots, MemoryMarshal.AsBytes<int>(snapshot.Slots));
        WriteBytes(IndexSection.Twins, MemoryMarshal.AsBytes<uint>(snapshot.Twins));
        WriteBlock(IndexSection.Layer0Links, snapshot.Layer0Links);
        WriteBlock(IndexSection.UpperLinks, snapshot.UpperLinks);
        WriteScales();
        writer.Begin(IndexSection.Codes);
        for (var first = 0; first < rows; first += vectors.Codes.ChunkRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(vectors.Codes.RawRows(first, Math.Min(vectors.Codes.ChunkRows, rows - first)));
        }

        // The blocks' checksums come first in the file and are known last.
        var checksums = new uint[layout.Blocks];
        for (var block = 0; block < layout.Blocks; block++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = block * layout.BlockRows;
            var bytes = vectors.Floats.CheckedRows(first, Math.Min(layout.BlockRows, rows - first));
            checksums[block] = Crc32C.Append(0, bytes);
            RandomAccess.Write(file.SafeFileHandle, bytes, layout.Sections[(int)IndexSection.Vectors].Offset + ((long)first * layout.VectorStride));

            // The checksums and the header are still to come.
            progress?.Report((block + 1.0) / (layout.Blocks + 1));
        }

        WriteBytes(IndexSection.BlockChecksums, MemoryMarshal.AsBytes<uint>(checksums));
        writer.End();
        RandomAccess.Write(file.SafeFileHandle, Header(snapshot, writer.Checksums).ToBytes(), 0);
        return checksums;

        void WriteBytes(IndexSection section, ReadOnlySpan<byte> bytes)
        {
            writer.Begin(section);
            writer.Write(bytes);
        }

        void WriteBlock(IndexSection section, MemoryBlock? block)
        {
            writer.Begin(section);
            for (var offset = 0L; offset < block?.Length; offset += BytesAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Write(block.Slice<byte>(offset, (int)Math.Min(BytesAtOnce, block.Length - offset)));
            }
        }

        void WriteScales()
        {
            writer.Begin(IndexSection.Scales);
            var buffer = new float[Math.Min(rows, RowsAtOnce)];
            for (var first = 0; first < rows; first += RowsAtOnce)
            {
                var scales = buffer.AsSpan(0, Math.Min(RowsAtOnce, rows - first));
                for (var i = 0; i < scales.Length; i++)
                {
                    scales[i] = vectors.Scale(first + i);
                }

                writer.Write(MemoryMarshal.AsBytes(scales));
            }
        }
    }

    private IndexHeader Header(IndexSnapshot snapshot, uint[] checksums) => new()
    {
        Dimension = dimension,
        Options = options,
        Info = info,
        Rows = snapshot.Rows,
        Count = snapshot.Count,
        UpperLists = snapshot.UpperLists,
        EntryPoint = snapshot.EntryPoint,
        Checksums = checksums,
    };

    private static MappedBlock? Map(FileStream file, IndexLayout layout, int rows, uint[] checksums, CancellationToken cancellationToken)
    {
        if (rows == 0 || OperatingSystem.IsWindows())
        {
            return null;
        }

        var mapped = MappedBlock.OpenPrivate(file, layout.Sections[(int)IndexSection.Vectors].Offset, (long)rows * layout.VectorStride);
        try
        {
            for (var row = 0; row < rows; row += layout.BlockRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var bytes = mapped.Slice<byte>((long)row * layout.VectorStride, Math.Min(layout.BlockRows, rows - row) * layout.VectorStride);
                if (Crc32C.Append(0, bytes) != checksums[row / layout.BlockRows])
                {
                    throw new IOException($"The vectors from row {row} on are not read from '{file.Name}' as they were written; the disk may be failing.");
                }
            }

            return mapped;
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }
}
