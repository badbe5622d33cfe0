namespace AlbertSearch.Embeddings.Tests.Tokenization;

public class WordPieceTokenizerTests
{
    [Theory]
    [InlineData("lower", """{"do_lower_case": true}""")]
    [InlineData("cased", """{"do_lower_case": false}""")]
    [InlineData("accents", """{"do_lower_case": true, "strip_accents": false}""")]
    public void Encode_golden_texts_gives_the_reference_ids_and_tokens(string name, string config)
    {
        using var folder = ModelFolder.WordPiece(config);
        var tokenizer = folder.Load();
        var cases = GoldenTokens.Read($"wordpiece/{name}.jsonl");
        Assert.Equal(325, cases.Count);
        foreach (var golden in cases)
        {
            var sequence = tokenizer.Encode(golden.Text);
            Assert.True(golden.Ids.SequenceEqual(sequence.Ids), $"'{golden.Text}': expected {string.Join(' ', golden.Tokens)}, got {string.Join(' ', sequence.Tokens)}");
            Assert.Equal(golden.Tokens, sequence.Tokens);
        }
    }

    [Fact]
    public void Encode_golden_pairs_gives_the_reference_ids_and_segments()
    {
        using var folder = ModelFolder.WordPiece();
        var tokenizer = folder.Load();
        var cases = GoldenTokens.Read("wordpiece/pairs.jsonl");
        Assert.Equal(60, cases.Count);
        foreach (var golden in cases)
        {
            var sequence = tokenizer.Encode(golden.A, golden.B, golden.MaxLength);
            Assert.Equal(golden.Ids, sequence.Ids);
            Assert.Equal(golden.Types, sequence.SegmentIds);
        }
    }
}
