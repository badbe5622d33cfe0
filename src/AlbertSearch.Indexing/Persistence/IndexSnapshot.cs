using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>
/// All of an index that changes in place, as it was at one moment. Vectors, codes and scales of its rows are not in it: they stay as they
/// are while the row ledger is frozen.
/// </summary>
internal sealed class IndexSnapshot : IDisposable
{
    /// <summary>Copies an index that no writer changes meanwhile.</summary>
    /// <exception cref="OutOfMemoryException">There is no room for the links, some 140 bytes a row.</exception>
    public IndexSnapshot(IndexParts parts)
    {
        var (graph, _, slots, twins) = parts;
        Rows = graph.Nodes;
        UpperLists = graph.UpperLists;
        Count = slots.Count;
        EntryPoint = Rows == 0 ? HnswGraph.NoNode : graph.EntryPoint;
        Slots = new int[Rows];
        Twins = new uint[Rows];
        for (var row = 0; row < Rows; row++)
        {
            Slots[row] = slots.IsHeld(row) ? slots.SlotOf(row) : -1;
            Twins[row] = twins.RepresentativeOf(row) is >= 0 and var node ? ((uint)node << 1) | (twins.IsIdentical(row) ? 1u : 0u) : uint.MaxValue;
        }

        Layer0Links = Copy(graph.Layer0, Rows);
        UpperLinks = Copy(graph.Upper, UpperLists);
    }

    /// <summary>Rows, held or not.</summary>
    public int Rows { get; }

    /// <summary>Rows that are held.</summary>
    public int Count { get; }

    /// <summary>Lists above layer 0.</summary>
    public int UpperLists { get; }

    /// <summary>Where searches begin, or -1 when there are no rows.</summary>
    public int EntryPoint { get; }

    /// <summary>The slot that each row holds, or -1.</summary>
    public int[] Slots { get; }

    /// <summary>Twice what each row is a twin of, plus 1 when they are identical; all ones when it is none.</summary>
    public uint[] Twins { get; }

    /// <summary>The lists of layer 0; null when there are none.</summary>
    public MemoryBlock? Layer0Links { get; }

    /// <summary>The lists above layer 0; null when there are none.</summary>
    public MemoryBlock? UpperLinks { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        Layer0Links?.Dispose();
        UpperLinks?.Dispose();
    }

    private static NativeBuffer? Copy(RowTable<int> table, int rows)
    {
        if (rows == 0)
        {
            return null;
        }

        var copy = NativeBuffer.Allocate((long)rows * table.Stride);
        for (var first = 0; first < rows; first += table.ChunkRows)
        {
            var bytes = table.RawRows(first, Math.Min(table.ChunkRows, rows - first));
            bytes.CopyTo(copy.Slice<byte>((long)first * table.Stride, bytes.Length));
        }

        return copy;
    }
}
