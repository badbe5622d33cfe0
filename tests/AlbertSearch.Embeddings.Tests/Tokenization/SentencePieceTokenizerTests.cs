using System.Text;
using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Embeddings.Tokenization.SentencePiece;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

public class SentencePieceTokenizerTests
{
    private static readonly ITokenizer Tokenizer = TokenizerLoader.Load(RepositoryFiles.DefaultModel);

    [Fact]
    public void Encode_golden_texts_gives_the_reference_ids_and_tokens()
    {
        var cases = GoldenTokens.Read("tokenizer.jsonl");
        Assert.Equal(865, cases.Count);
        foreach (var golden in cases)
        {
            var sequence = Tokenizer.Encode(golden.Text);
            Assert.True(golden.Ids.SequenceEqual(sequence.Ids), $"'{golden.Text}': expected {string.Join(' ', golden.Tokens)}, got {string.Join(' ', sequence.Tokens)}");
            Assert.Equal(golden.Tokens, sequence.Tokens);
            Assert.All(sequence.SegmentIds, segment => Assert.Equal(0, segment));
        }
    }

    [Fact]
    public void Encode_golden_pairs_gives_the_reference_ids_and_segments()
    {
        var cases = GoldenTokens.Read("tokenizer-pairs.jsonl");
        Assert.Equal(150, cases.Count);
        foreach (var golden in cases)
        {
            var sequence = Tokenizer.Encode(golden.A, golden.B, golden.MaxLength);
            Assert.Equal(golden.Ids, sequence.Ids);
            Assert.Equal(golden.Types, sequence.SegmentIds);
            Assert.Equal(Tokenizer.Encode(golden.A, golden.B).Count - golden.Ids.Length, sequence.TruncatedTokens);
        }
    }

    // Ids that Hugging Face's own tests of ALBERT's tokenizer expect.
    [Theory]
    [InlineData("He was a puppeteer", new[] { 2, 24, 23, 21, 10956, 7911, 3 })]
    [InlineData("This is a test", new[] { 2, 48, 25, 21, 1289, 3 })]
    [InlineData("The quick brown fox jumps over the lazy dog.", new[] { 2, 14, 2231, 886, 2385, 17659, 84, 14, 16792, 1952, 9, 3 })]
    [InlineData(
        "BERT is designed to pre-train deep bidirectional representations from unlabeled text by jointly conditioning on both left and right context in all layers.",
        new[] { 2, 11502, 25, 1006, 20, 782, 8, 11809, 855, 1732, 19393, 18667, 37, 367, 21018, 69, 1854, 34, 11860, 19124, 27, 156, 225, 17, 193, 4141, 19, 65, 9124, 9, 3 })]
    public void Encode_published_examples_gives_their_ids(string text, int[] ids) => Assert.Equal(ids, Tokenizer.Encode(text).Ids);

    [Fact]
    public void Encode_keep_accents_leaves_them_to_the_vocabulary()
    {
        using var folder = ModelFolder.SentencePiece("""{"keep_accents": true}""");
        var ids = folder.Load().Encode("I was born in 92000, and this is falsé.").Ids;
        Assert.Equal([2, 31, 23, 386, 19, 561, 3050, 15, 17, 48, 25, 8256, 18, 1, 9, 3], ids);
    }

    [Fact]
    public void Encode_keep_accents_composes_decomposed_letters_by_the_charsmap()
    {
        using var folder = ModelFolder.SentencePiece("""{"keep_accents": true}""");
        var tokenizer = folder.Load();
        Assert.Equal(tokenizer.Encode("caf\u00E9").Ids, tokenizer.Encode("cafe\u0301").Ids);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" \t\u3000\u001F\u2028", "")]
    [InlineData("(", "▁ (")]
    [InlineData("()-", "▁ ( ) -")]
    [InlineData("a\u200Bb", "▁a ▁b")]
    [InlineData("日本語テキスト", "▁ <unk>")]
    [InlineData("2014,", "▁2014 ,")]
    [InlineData("I was born in 92000, and", "▁i ▁was ▁born ▁in ▁9 2000 , ▁and")]
    [InlineData("``a'' '''", "▁ \" a \" ▁ \" '")]
    [InlineData("a\u001Cb", "▁a ▁b")]
    [InlineData("\u2581\u2581 the \u2581", "▁the")]
    [InlineData("the\u2581", "▁the")]
    public void Tokenize_special_cases_gives_the_pieces(string text, string pieces) => Assert.Equal(pieces, Pieces(Tokenizer, text));

    [Fact]
    public void Tokenize_control_tokens_in_the_text_stay_text()
    {
        var sequence = Tokenizer.Encode("[CLS] test [SEP] [MASK] <pad> <unk>", "[SEP]");
        var special = Tokenizer.SpecialTokens;
        Assert.Single(sequence.Ids, special.Cls);
        Assert.Equal(2, sequence.Ids.Count(id => id == special.Sep));
        Assert.DoesNotContain(special.Mask, sequence.Ids);
        Assert.DoesNotContain(special.Pad, sequence.Ids);
        Assert.StartsWith("▁[ cl s ] ▁test ▁[ s ep ]", Pieces(Tokenizer, "[CLS] test [SEP]"), StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenize_control_tokens_without_lower_casing_stay_text()
    {
        using var folder = ModelFolder.SentencePiece("""{"do_lower_case": false}""");
        var tokenizer = folder.Load();
        var buffer = new TokenBuffer();
        tokenizer.Tokenize("[CLS][SEP][MASK]<pad><unk>", buffer);
        var special = tokenizer.SpecialTokens;
        Assert.Equal(-1, buffer.Ids.IndexOfAny([special.Cls, special.Sep, special.Mask, special.Pad]));
    }

    [Fact]
    public void Tokenize_lone_surrogates_reads_replacement_characters()
    {
        foreach (var text in new[] { "a\uD800b", "\uDC00 x", "x\uD83D", "\uDE00\uD83D" })
        {
            var replaced = new string([.. text.Select(c => char.IsSurrogate(c) ? '\uFFFD' : c)]);
            Assert.Equal(Tokenizer.Encode(replaced).Ids, Tokenizer.Encode(text).Ids);
            Assert.Equal(Tokenizer.Encode(replaced).Offsets, Tokenizer.Encode(text).Offsets);
        }
    }

    [Fact]
    public void Tokenize_appends_to_the_buffer()
    {
        var buffer = new TokenBuffer();
        Tokenizer.Tokenize("This is", buffer);
        Tokenizer.Tokenize("a test", buffer);
        Assert.Equal([48, 25, 21, 1289], buffer.Ids.ToArray());
        Assert.Equal(new TokenOffset(0, 1), buffer.Offsets[2]);
    }

    [Fact]
    public void Tokenize_remove_space_off_gives_the_same_for_spaces()
    {
        using var folder = ModelFolder.SentencePiece("""{"remove_space": false}""");
        Assert.Equal("▁a ▁test ▁and ▁more", Pieces(folder.Load(), "  a   test\tand\u00A0 more "));
    }

    [Fact]
    public void Offsets_of_replaced_text_point_at_the_original()
    {
        Assert.Equal(["the", "cafe\u0301", "``", "ﬁve", "''", "2014", ",", "x"], Slices("  the  \ncafe\u0301 ``ﬁve''\u00A02014, x", "▁the ▁cafe ▁ \" five"));
    }

    [Fact]
    public void Tokenize_a_huge_word_in_parts_equals_one_lattice()
    {
        var path = Path.Combine(RepositoryFiles.DefaultModel, "spiece.model");
        var model = SentencePieceModel.Load(path);
        var vocabulary = new UnigramVocabulary(path, model);
        var random = new Random(1);
        var words = model.Pieces.Where(p => p.TrimStart('▁').Length > 0 && p.TrimStart('▁').All(char.IsAsciiLetterLower)).Select(p => p.TrimStart('▁')).ToArray();
        foreach (var unknown in new[] { -1, 0, 1, 40 })
        {
            var text = new StringBuilder().Append('a', unknown < 0 ? 300_000 : 0);
            while (text.Length < 300_000)
            {
                text.Append(words[random.Next(words.Length)]).Append('中', random.Next(3) == 0 ? unknown * random.Next(400) : 0);
            }

            var buffer = new TokenBuffer();
            Tokenizer.Tokenize(text.ToString(), buffer);
            var lattice = new UnigramLattice(vocabulary);
            lattice.Segment([UnigramVocabulary.Space, .. Encoding.UTF8.GetBytes(text.ToString())], 0, default);
            Assert.Equal(Enumerable.Range(0, lattice.Count).Select(i => lattice[i].Id), buffer.Ids.ToArray());
            for (var i = 1; i < buffer.Count; i++)
            {
                Assert.Equal(buffer.Offsets[i - 1].End, buffer.Offsets[i].Start);
            }
        }
    }

    [Theory]
    [InlineData("é", "e")]
    [InlineData("E\u0316\u0301", "e")]
    [InlineData("Ａｂ", "ab")]
    [InlineData("ﬁ", "fi")]
    [InlineData("\U0001D400\u200Da", "A\u200Da")]
    public void Tokenize_a_huge_word_in_blocks_gives_what_its_plain_form_gives(string unit, string plain)
    {
        const int Times = 30_000;
        var sequence = Tokenizer.Encode(new StringBuilder().Insert(0, unit, Times).ToString());
        Assert.Equal(Tokenizer.Encode(new StringBuilder().Insert(0, plain, Times).ToString()).Ids, sequence.Ids);
        for (var i = 2; i < sequence.Count - 1; i++)
        {
            Assert.InRange(sequence.Offsets[i].Start, sequence.Offsets[i - 1].Start, sequence.Offsets[i - 1].End + 1);
        }
    }

    [Fact]
    public void Tokenize_a_huge_word_keeps_little_memory()
    {
        var text = new string('中', 4_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Tokenizer.Tokenize(text, new TokenBuffer());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static string[] Slices(string text, string expectedStart)
    {
        var buffer = new TokenBuffer();
        Tokenizer.Tokenize(text, buffer);
        Assert.StartsWith(expectedStart, Pieces(Tokenizer, text), StringComparison.Ordinal);
        return [.. buffer.Offsets.ToArray().Where(o => o.Start < o.End).Select(o => text[o.Start..o.End])];
    }

    private static string Pieces(ITokenizer tokenizer, string text)
    {
        var buffer = new TokenBuffer();
        tokenizer.Tokenize(text, buffer);
        var pieces = new StringBuilder();
        foreach (var id in buffer.Ids)
        {
            pieces.Append(pieces.Length > 0 ? " " : "").Append(tokenizer.TokenOf(id));
        }

        return pieces.ToString();
    }
}
