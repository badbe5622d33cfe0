using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>
/// Reads an index file that may come from anywhere: everything but the vectors is summed up and checked for sense before it is used,
/// so that no link, slot or twin leads out of range, and the vectors are checked block by block when first touched.
/// </summary>
internal sealed class IndexFileReader(FileStream file, IndexHeader header)
{
    private readonly IndexLayout _layout = header.Layout;

    /// <summary>Fills empty parts.</summary>
    /// <exception cref="IndexFormatException">The file is damaged.</exception>
    public void Read(IndexParts parts, CancellationToken cancellationToken)
    {
        var (graph, vectors, slots, twins) = parts;
        var rows = header.Rows;
        for (var row = 0; row < rows; row++)
        {
            graph.AddNode();
        }

        Check(graph.UpperLists == header.UpperLists, $"it has {header.UpperLists} lists above layer 0; its seed makes {graph.UpperLists}");
        ReadTable(IndexSection.Layer0Links, graph.Layer0, rows, cancellationToken);
        ReadTable(IndexSection.UpperLinks, graph.Upper, header.UpperLists, cancellationToken);
        CheckLinks(graph);
        ReadColumn<float>(IndexSection.Scales, (row, scale) =>
        {
            Check(float.IsFinite(scale) && scale >= 0, $"the scale of row {row} is {scale}");
            vectors.SetScale(row, scale);
        });
        ReadTable(IndexSection.Codes, vectors.Codes, rows, cancellationToken);
        MapVectors(vectors.Floats);
        ReadColumn<int>(IndexSection.Slots, (row, slot) =>
        {
            Check(slot >= -1 && (slot < 0 || slots.RowOf(slot) < 0), $"row {row} holds slot {slot}");
            if (slot >= 0)
            {
                slots.Ensure(row, slot);
                slots.Hold(row, slot);
            }
        });
        Check(slots.Count == header.Count, $"it holds {slots.Count} vectors instead of {header.Count}");
        ReadTwins(graph, twins);
        if (rows > 0)
        {
            graph.ReplaceEntryPoint(header.EntryPoint);
        }
    }

    private void CheckLinks(HnswGraph graph)
    {
        var rows = header.Rows;
        for (var node = 0; node < rows; node++)
        {
            for (var layer = 0; layer <= graph.LevelOf(node); layer++)
            {
                foreach (var link in graph.Links(node, layer))
                {
                    var valid = link == HnswGraph.NoNode || ((uint)link < (uint)rows && graph.LevelOf(link) >= layer);
                    Check(valid, $"node {node} links to {link} on layer {layer}");
                }
            }
        }
    }

    private void ReadTwins(HnswGraph graph, TwinChains twins)
    {
        var representatives = new int[header.Rows];
        Array.Fill(representatives, HnswGraph.NoNode);
        ReadColumn<uint>(IndexSection.Twins, (row, value) =>
        {
            if (value != uint.MaxValue)
            {
                var node = (int)(value >> 1);
                Check(node < header.Rows && node != row, $"row {row} is a twin of {node}");
                representatives[row] = node;
                twins.Attach(row, node, (value & 1) != 0);
            }
        });

        // Chains are one deep: what twins hang on hangs on nothing itself.
        for (var row = 0; row < representatives.Length; row++)
        {
            var node = representatives[row];
            Check(node < 0 || representatives[node] < 0, $"row {row} is a twin of a twin, {node}");
        }

        Check(graph.Nodes == 0 || representatives[header.EntryPoint] < 0, $"its entry point is a twin");
    }

    private void MapVectors(FloatVectors floats)
    {
        var checksums = new uint[_layout.Blocks];
        ReadSection(IndexSection.BlockChecksums, MemoryMarshal.AsBytes(checksums.AsSpan()));
        floats.Map(file, _layout.Sections[(int)IndexSection.Vectors].Offset, header.Rows, _layout.BlockRows, checksums);
    }

    private void ReadSection(IndexSection section, Span<byte> bytes)
    {
        RandomAccessReader.ReadExactly(file, _layout.Sections[(int)section].Offset, bytes);
        CheckSum(section, Crc32C.Append(0, bytes));
    }

    private void ReadTable<T>(IndexSection section, RowTable<T> table, int rows, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var crc = 0u;
        var offset = _layout.Sections[(int)section].Offset;
        for (var first = 0; first < rows; first += table.ChunkRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(table.ChunkRows, rows - first);
            table.Ensure(first + count - 1);
            var bytes = table.RawRows(first, count);
            RandomAccessReader.ReadExactly(file, offset, bytes);
            crc = Crc32C.Append(crc, bytes);
            offset += bytes.Length;
        }

        CheckSum(section, crc);
    }

    private void ReadColumn<T>(IndexSection section, Action<int, T> take)
        where T : unmanaged
    {
        var values = new T[header.Rows];
        ReadSection(section, MemoryMarshal.AsBytes(values.AsSpan()));
        for (var row = 0; row < values.Length; row++)
        {
            take(row, values[row]);
        }
    }

    private void CheckSum(IndexSection section, uint crc) =>
        Check(crc == header.Checksums[(int)section], $"its section {section} doesn't have its checksum");

    private void Check(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref DefectMessage defect)
    {
        if (!condition)
        {
            throw new IndexFormatException(file.Name, defect.ToString());
        }
    }

    /// <summary>A message that is put together only when the check fails: millions don't.</summary>
    [InterpolatedStringHandler]
    private ref struct DefectMessage
    {
        private DefaultInterpolatedStringHandler _text;

        public DefectMessage(int literalLength, int formattedCount, bool condition, out bool wanted)
        {
            wanted = !condition;
            _text = wanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override readonly string ToString() => _text.ToString();
    }
}
