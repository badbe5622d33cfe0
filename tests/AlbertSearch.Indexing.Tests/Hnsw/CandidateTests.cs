using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class CandidateTests
{
    [Fact]
    public void Key_orders_by_score_and_then_the_smaller_node()
    {
        float[] scores = [float.NegativeInfinity, -2.5f, -1e-30f, 0f, 1e-30f, 0.5f, 0.50000006f, 3f, float.MaxValue, float.PositiveInfinity];
        for (var i = 1; i < scores.Length; i++)
        {
            Assert.True(Candidate.Key(scores[i - 1], 0) < Candidate.Key(scores[i], int.MaxValue));
            Assert.True(Candidate.Key(scores[i], 7) > Candidate.Key(scores[i], 8));
        }
    }

    [Theory]
    [InlineData(0.25f, 0)]
    [InlineData(-0.25f, 123_456)]
    [InlineData(0f, int.MaxValue)]
    public void Key_gives_back_score_and_node(float score, int node)
    {
        var key = Candidate.Key(score, node) | Candidate.Expanded;
        Assert.Equal(score, Candidate.Score(key));
        Assert.Equal(node, Candidate.Node(key));
    }
}
