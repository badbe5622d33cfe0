namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Which nodes a search has seen: a byte a node that holds the number of the search that saw it last, cleared once in 255 searches. Not thread-safe.</summary>
internal sealed class VisitedMarks
{
    private byte[] _marks = [];
    private byte _epoch;

    /// <summary>Forgets everything and makes room for nodes below a number.</summary>
    public void Begin(int nodes)
    {
        if (_marks.Length < nodes)
        {
            // Some more, so that a growing graph doesn't cost every search an array.
            _marks = new byte[(int)Math.Min(Array.MaxLength, nodes + (nodes / 4L) + 1024)];
            _epoch = 0;
        }

        if (++_epoch == 0)
        {
            Array.Clear(_marks);
            _epoch = 1;
        }
    }

    /// <summary>Marks a node.</summary>
    /// <returns>Whether this search had not seen it. A node that was made after the search began counts as seen.</returns>
    public bool TryMark(int node)
    {
        var marks = _marks;
        if ((uint)node >= (uint)marks.Length || marks[node] == _epoch)
        {
            return false;
        }

        marks[node] = _epoch;
        return true;
    }
}
