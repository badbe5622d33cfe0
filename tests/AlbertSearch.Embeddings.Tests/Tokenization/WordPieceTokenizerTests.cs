using AlbertSearch.Embeddings.Tokenization;

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

    [Fact]
    public void Tokenize_literal_control_tokens_stay_text()
    {
        using var folder = ModelFolder.WordPiece();
        Assert.Equal(["[CLS]", "[", "s", "##e", "##p", "]", "[SEP]"], folder.Load().Encode("[SEP]").Tokens);
    }

    [Fact]
    public void Tokenize_control_tokens_without_brackets_stay_text()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "cls\nsep\nunk\nc\n##ls").With("tokenizer_config.json", """{"cls_token": "cls", "sep_token": "sep", "unk_token": "unk"}""");
        Assert.Equal([0, 3, 4, 2, 1], folder.Load().Encode("cls sep").Ids);
    }

    [Theory]
    [InlineData(100, "a")]
    [InlineData(101, "[UNK]")]
    [InlineData(20_000, "[UNK]")]
    public void Tokenize_words_over_a_hundred_characters_are_unknown(int length, string first)
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\n##a");
        var sequence = folder.Load().Encode($" {new string('a', length)} a");
        Assert.Equal(first, sequence.Tokens[1]);
        Assert.Equal(first == "a" ? length + 3 : 4, sequence.Count);
        Assert.Equal(new TokenOffset(length + 2, length + 3), sequence.Offsets[^2]);
        Assert.Equal(length + 1, sequence.Offsets[^3].End);
    }

    [Fact]
    public void Tokenize_strip_accents_on_without_lower_case_drops_marks_only()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nA\n##e").With("tokenizer_config.json", """{"do_lower_case": false, "strip_accents": true}""");
        var sequence = folder.Load().Encode("Áe\u0301\u0316");
        Assert.Equal(["[CLS]", "A", "##e", "[SEP]"], sequence.Tokens);
        Assert.Equal(new TokenOffset(1, 4), sequence.Offsets[2]);
    }

    [Fact]
    public void Tokenize_keeps_accents_composed()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "[UNK]\n[CLS]\n[SEP]\né\n각").With("tokenizer_config.json", """{"strip_accents": false}""");
        Assert.Equal(["[CLS]", "é", "각", "각", "[SEP]"], folder.Load().Encode("E\u0301 각 \u1100\u1161\u11A8").Tokens);
    }

    [Fact]
    public void Tokenize_ideographs_stay_together_when_told_so()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "[UNK]\n[CLS]\n[SEP]\n中\n##文\n文").With("tokenizer_config.json", """{"tokenize_chinese_chars": false}""");
        Assert.Equal(["[CLS]", "中", "##文", "[SEP]"], folder.Load().Encode("中文").Tokens);
        folder.With("tokenizer_config.json", "{}");
        Assert.Equal(["[CLS]", "中", "文", "[SEP]"], folder.Load().Encode("中文").Tokens);
    }

    [Fact]
    public void Tokenize_drops_control_characters_without_parting_words()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nab\na\nb");
        var sequence = folder.Load().Encode("a\u0000\u200D\u0085\uFFFD\uD800b\ta\u2028b\u00A0ab");
        Assert.Equal(["[CLS]", "ab", "a", "b", "ab", "[SEP]"], sequence.Tokens);
        Assert.Equal(new TokenOffset(0, 7), sequence.Offsets[1]);
    }

    [Fact]
    public void Tokenize_a_long_chunk_in_blocks_equals_its_parts()
    {
        // Punctuation parts the words, so that a chunk without spaces has the tokens of its parts, whatever the block borders.
        using var folder = ModelFolder.WordPiece("""{"strip_accents": false}""");
        var tokenizer = folder.Load();
        foreach (var unit in new[] { "the,", "e\u0301e!", "\u1112\u1161\u11AB.", "a\u0316\u0301-", "中e\u0301," })
        {
            var buffer = new TokenBuffer();
            tokenizer.Tokenize(unit, buffer);
            var expected = buffer.Ids.ToArray();
            buffer.Clear();
            tokenizer.Tokenize(new string([.. Enumerable.Repeat(unit, 5000).SelectMany(u => u)]), buffer);
            Assert.Equal(expected.Length * 5000, buffer.Count);
            for (var i = 0; i < buffer.Count; i++)
            {
                Assert.Equal(expected[i % expected.Length], buffer.Ids[i]);
            }
        }
    }
}
