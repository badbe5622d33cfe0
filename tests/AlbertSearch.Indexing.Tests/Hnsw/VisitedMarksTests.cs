using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class VisitedMarksTests
{
    [Fact]
    public void TryMark_each_search_starts_anew_also_when_the_epoch_wraps()
    {
        var marks = new VisitedMarks();
        for (var search = 0; search < 600; search++)
        {
            marks.Begin(100);
            Assert.True(marks.TryMark(search % 100));
            Assert.False(marks.TryMark(search % 100));
            Assert.True(marks.TryMark((search + 1) % 100));
        }
    }

    [Fact]
    public void TryMark_node_made_later_counts_as_seen()
    {
        var marks = new VisitedMarks();
        marks.Begin(10);
        Assert.False(marks.TryMark(1_000_000));
        marks.Begin(1_000_001);
        Assert.True(marks.TryMark(1_000_000));
    }
}
