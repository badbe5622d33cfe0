using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class GraphReachTests
{
    [Fact]
    public void Unreached_empty_graph_has_none()
    {
        using var graph = new HnswGraph(new HnswOptions { M = 4 });
        Assert.Empty(GraphReach.Unreached(graph, _ => true, CancellationToken.None));
    }

    [Fact]
    public void Unreached_names_nodes_that_no_path_leads_to()
    {
        using var graph = new HnswGraph(new HnswOptions { M = 4 });
        for (var node = 0; node < 6; node++)
        {
            graph.AddNode();
        }

        // 0 -> 1 -> 2, and beside them 3 -> 4 -> 3, and 5 -> 0.
        graph.ReplaceEntryPoint(0);
        graph.Links(0, 0)[0] = 1;
        graph.Links(1, 0)[0] = 2;
        graph.Links(3, 0)[0] = 4;
        graph.Links(4, 0)[0] = 3;
        graph.Links(5, 0)[0] = 0;
        Assert.Equal([3, 4, 5], GraphReach.Unreached(graph, _ => true, CancellationToken.None));
        Assert.Equal([4], GraphReach.Unreached(graph, node => node is 2 or 4, CancellationToken.None));

        graph.Links(2, 0)[0] = 3;
        Assert.Equal([5], GraphReach.Unreached(graph, _ => true, CancellationToken.None));
    }

    [Fact]
    public void Unreached_cancelled_throws()
    {
        using var graph = new HnswGraph(new HnswOptions { M = 4 });
        graph.ReplaceEntryPoint(graph.AddNode());
        Assert.Throws<OperationCanceledException>(() => GraphReach.Unreached(graph, _ => true, new CancellationToken(canceled: true)));
    }
}
