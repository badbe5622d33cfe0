using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

public class SequenceBuilderTests
{
    private static readonly ITokenizer Tokenizer = TokenizerLoader.Load(RepositoryFiles.DefaultModel);

    [Fact]
    public void LongestFirst_equals_dropping_one_token_at_a_time()
    {
        for (var first = 0; first <= 12; first++)
        {
            for (var second = 0; second <= 12; second++)
            {
                for (var budget = 0; budget <= 25; budget++)
                {
                    var (a, b) = (first, second);
                    while (a + b > budget)
                    {
                        (a, b) = a > b ? (a - 1, b) : (a, b - 1);
                    }

                    Assert.Equal((a, b), SequenceBuilder.LongestFirst(first, second, budget));
                }
            }
        }
    }

    [Fact]
    public void Encode_reports_cut_and_unknown_tokens()
    {
        var sequence = Tokenizer.Encode("This 日本 is a test 語", maxTokens: 6);
        Assert.Equal([2, 48, 13, 1, 25, 3], sequence.Ids);
        Assert.Equal(4, sequence.TruncatedTokens);
        Assert.Equal(1, sequence.UnknownTokens);
        Assert.Equal([default, new(0, 4), new(5, 5), new(5, 7), new(8, 10), default], sequence.Offsets);
        Assert.Equal(["[CLS]", "▁this", "▁", "<unk>", "▁is", "[SEP]"], sequence.Tokens);
    }

    [Fact]
    public void Encode_pair_with_nothing_left_keeps_the_frame()
    {
        Assert.Equal([2, 3], Tokenizer.Encode("This is", maxTokens: 2).Ids);
        var pair = Tokenizer.Encode("This is", "a test", 3);
        Assert.Equal([2, 3, 3], pair.Ids);
        Assert.Equal([0, 0, 1], pair.SegmentIds);
        Assert.Equal(4, pair.TruncatedTokens);
        Assert.Equal([2, 48, 3, 3], Tokenizer.Encode("This", "").Ids);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("b", 2)]
    public void Encode_limit_below_the_frame_is_refused(string? pair, int maxTokens) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Encode("a", pair, maxTokens));

    [Fact]
    public void Encode_pair_offsets_point_into_each_text()
    {
        var sequence = Tokenizer.Encode("This is", "a test");
        Assert.Equal([default, new(0, 4), new(5, 7), default, new(0, 1), new(2, 6), default], sequence.Offsets);
    }

    [Fact]
    public void Encode_huge_text_with_a_small_limit_counts_the_rest()
    {
        const int Words = 200_000;
        var text = string.Join(' ', Enumerable.Repeat("this", Words));
        var sequence = Tokenizer.Encode(text, maxTokens: 8);
        Assert.Equal([2, 48, 48, 48, 48, 48, 48, 3], sequence.Ids);
        Assert.Equal(Words - 6, sequence.TruncatedTokens);
    }
}
