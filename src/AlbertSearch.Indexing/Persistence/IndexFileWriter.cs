using System.Runtime.InteropServices;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>Writes an index to a file of another name, which takes the file's place once it is whole and on the disk.</summary>
internal static class IndexFileWriter
{
    private const int RowsAtOnce = 4096;

    /// <summary>Writes the file. No writer changes the index meanwhile, until <paramref name="written"/> is called; readers go on.</summary>
    /// <param name="path">The file to make or replace; its folder exists.</param>
    /// <param name="dimension">Floats in a vector.</param>
    /// <param name="options">The graph's parameters.</param>
    /// <param name="info">Where the file belongs.</param>
    /// <param name="parts">What is written.</param>
    /// <param name="written">Called when the index may change again.</param>
    /// <param name="progress">Told how far the writing is, less than 1 until the file is whole and flushed; null for nobody.</param>
    /// <param name="cancellationToken">Ends the writing early, by exception; the file is untouched then.</param>
    public static void Write(
        string path, int dimension, HnswOptions options, IndexSnapshotInfo info, IndexParts parts, Action written, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        // One name: what a process that was killed left behind is overwritten, and two saves at once are refused by the file system.
        var temporary = path + ".tmp";
        var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            using (file)
            {
                WriteSections(file, dimension, options, info, parts, progress, cancellationToken);
                written();
                file.Flush(flushToDisk: true);
            }

            progress?.Report(1);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void WriteSections(FileStream file, int dimension, HnswOptions options, IndexSnapshotInfo info, IndexParts parts, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var (graph, vectors, slots, twins) = parts;
        var rows = graph.Nodes;
        var layout = new IndexLayout(dimension, options.M, rows, graph.UpperLists);
        file.SetLength(layout.FileLength);
        var writer = new SectionWriter(file, layout);

        WriteColumn(IndexSection.Slots, row => slots.IsHeld(row) ? slots.SlotOf(row) : -1);
        WriteColumn(IndexSection.Twins, row => twins.RepresentativeOf(row) is >= 0 and var node ? ((uint)node << 1) | (twins.IsIdentical(row) ? 1u : 0u) : uint.MaxValue);
        WriteTable(IndexSection.Layer0Links, graph.Layer0, rows);
        WriteTable(IndexSection.UpperLinks, graph.Upper, graph.UpperLists);
        WriteColumn(IndexSection.Scales, vectors.Scale);
        WriteTable(IndexSection.Codes, vectors.Codes, rows);

        // The blocks' checksums come first in the file and are known last.
        var checksums = new uint[layout.Blocks];
        writer.Begin(IndexSection.BlockChecksums);
        var checksumsBegin = layout.Sections[(int)IndexSection.BlockChecksums].Offset;
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

        writer.Write(MemoryMarshal.AsBytes<uint>(checksums));
        writer.End();

        var header = new IndexHeader
        {
            Dimension = dimension,
            Options = options,
            Info = info,
            Rows = rows,
            Count = slots.Count,
            UpperLists = graph.UpperLists,
            EntryPoint = rows == 0 ? HnswGraph.NoNode : graph.EntryPoint,
            Checksums = writer.Checksums,
        };
        RandomAccess.Write(file.SafeFileHandle, header.ToBytes(), 0);

        void WriteColumn<T>(IndexSection section, Func<int, T> valueOf)
            where T : unmanaged
        {
            writer.Begin(section);
            var buffer = new T[Math.Min(rows, RowsAtOnce)];
            for (var first = 0; first < rows; first += RowsAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var values = buffer.AsSpan(0, Math.Min(RowsAtOnce, rows - first));
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = valueOf(first + i);
                }

                writer.Write(MemoryMarshal.AsBytes(values));
            }
        }

        void WriteTable<T>(IndexSection section, RowTable<T> table, int count)
            where T : unmanaged
        {
            writer.Begin(section);
            for (var first = 0; first < count; first += table.ChunkRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Write(table.RawRows(first, Math.Min(table.ChunkRows, count - first)));
            }
        }
    }
}
