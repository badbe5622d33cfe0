using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public sealed class NeighborSelectionTests : IDisposable
{
    private readonly QuantizedVectors _vectors = new(2, scratchFolder: null);

    public void Dispose() => _vectors.Dispose();

    [Fact]
    public void Select_takes_one_of_a_bunch_and_one_elsewhere_and_then_the_nearest_pruned()
    {
        // Angles from the element at 0°: three in a bunch on one side, one further away on the other.
        var candidates = Keys(0, 20, 22, 24, -40);
        var selection = new NeighborSelection(4, _vectors.Codes.Stride);
        var two = new int[2];
        Assert.Equal(2, selection.Select(_vectors, candidates, two));
        Assert.Equal([0, 3], two);

        var three = new int[3];
        Assert.Equal(3, selection.Select(_vectors, candidates, three));
        Assert.Equal([0, 3, 1], three);
    }

    [Fact]
    public void Select_fewer_candidates_than_wanted_takes_all()
    {
        var selection = new NeighborSelection(8, _vectors.Codes.Stride);
        var selected = new int[8];
        Assert.Equal(3, selection.Select(_vectors, Keys(0, 10, 11, 12), selected));
        Assert.Equal([0, 1, 2], selected.Take(3).Order());
    }

    /// <summary>Nodes at angles, scored against an element at another.</summary>
    private ulong[] Keys(double element, params double[] angles)
    {
        var keys = new List<ulong>();
        for (var node = 0; node < angles.Length; node++)
        {
            var angle = angles[node] * Math.PI / 180;
            _vectors.Ensure(node);
            _vectors.Write(node, [(float)Math.Cos(angle), (float)Math.Sin(angle)]);
            keys.Add(Candidate.Key((float)Math.Cos(angle - element), node));
        }

        return [.. keys.OrderDescending()];
    }
}
