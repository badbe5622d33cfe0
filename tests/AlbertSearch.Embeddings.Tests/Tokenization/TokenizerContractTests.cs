using System.Text;
using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

/// <summary>What every <see cref="ITokenizer"/> promises.</summary>
public abstract class TokenizerContractTests : IDisposable
{
    private const int Seed = 20240607;
    private readonly ModelFolder _folder;

    private protected TokenizerContractTests(ModelFolder folder)
    {
        _folder = folder;
        Tokenizer = folder.Load();
    }

    private protected ITokenizer Tokenizer { get; }

    /// <summary>The letters of a token: no ▁ in front, no ##.</summary>
    private protected abstract string LettersOf(string token);

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Offsets_of_ASCII_text_cut_out_the_letters_of_the_token()
    {
        var random = new Random(Seed);
        var buffer = new TokenBuffer();
        for (var round = 0; round < 2000; round++)
        {
            var text = RandomText(random, "abcdefgh THE quick brown fox, 92000, 1.5 (and) so-on\t\n?!");
            buffer.Clear();
            Tokenizer.Tokenize(text, buffer);
            for (var i = 0; i < buffer.Count; i++)
            {
                if (buffer.Ids[i] == Tokenizer.SpecialTokens.Unk)
                {
                    continue;
                }

                var (start, end) = buffer.Offsets[i];
                Assert.Equal(LettersOf(Tokenizer.TokenOf(buffer.Ids[i])), text[start..end], ignoreCase: true);
            }
        }
    }

    [Fact]
    public void Offsets_of_any_text_rise_stay_inside_and_split_no_surrogate_pair()
    {
        var random = new Random(Seed);
        var buffer = new TokenBuffer();
        for (var round = 0; round < 5000; round++)
        {
            var text = RandomText(random, "aé\u0301\u0316 ﬁ½™\u00A8\uFDFA가각\u1100\u1161\u200B\u200D中文\uF900\U0001F600\U0001D6BA\uD800\uDC00''``9,2,\u0130\u03A3\u3099\u0345\u2581\u0085\u0000");
            buffer.Clear();
            Tokenizer.Tokenize(text, buffer);
            var (lastStart, lastEnd) = (0, 0);
            foreach (var (start, end) in buffer.Offsets)
            {
                if (lastStart > start || lastEnd > end || start > end || end > text.Length || IsInsidePair(text, start) || IsInsidePair(text, end))
                {
                    Assert.Fail($"[{start}, {end}) after [{lastStart}, {lastEnd}) in '{Escape(text)}'");
                }

                (lastStart, lastEnd) = (start, end);
            }
        }
    }

    [Fact]
    public void Tokenize_any_text_gives_ids_of_the_vocabulary_but_no_control_ids()
    {
        var random = new Random(Seed);
        var special = Tokenizer.SpecialTokens;
        var buffer = new TokenBuffer();
        for (var round = 0; round < 2000; round++)
        {
            var text = RandomText(random, "[CLS][SEP][MASK][PAD]<pad><unk>[UNK] ▁##é中");
            Tokenizer.Tokenize(text, buffer);
        }

        foreach (var id in buffer.Ids)
        {
            Assert.InRange(id, 0, Tokenizer.VocabularySize - 1);
            Assert.NotEqual(special.Cls, id);
            Assert.NotEqual(special.Sep, id);
            Assert.NotEqual(special.Pad, id);
            Assert.NotEqual(special.Mask, id);
        }
    }

    [Fact]
    public void Tokenize_warm_allocates_nothing()
    {
        const string Text = "The quick brown fox (née Füchsin) jumps over 92000, lazy dogs; 今天是个好日子! ``Quoted'' \u0130stanbul e\u0301\u0316 ½.";
        var buffer = new TokenBuffer();
        Assert.Equal(0, Allocations.LeastPerRound(Round));

        void Round()
        {
            for (var i = 0; i < 200; i++)
            {
                buffer.Clear();
                Tokenizer.Tokenize(Text, buffer);
            }
        }
    }

    // What grows with the square of these texts would take minutes.
    [Theory]
    [InlineData("a")]
    [InlineData("1,")]
    [InlineData("'")]
    [InlineData("\u0301\u0316")]
    [InlineData("中")]
    [InlineData("\U0001D6BA\u00B7")]
    [InlineData("\uFDFA")]
    [InlineData("[")]
    [InlineData(" ")]
    public void Tokenize_a_hostile_text_of_one_word_is_linear(string unit)
    {
        const int Length = 200_000;
        var text = new StringBuilder().Insert(0, unit, Length / unit.Length).ToString();
        var buffer = new TokenBuffer();
        Tokenizer.Tokenize(text, buffer);
        Assert.InRange(buffer.Count, 0, 18 * Length);
        Assert.True(buffer.Count == 0 || buffer.Offsets[^1].End == text.Length);
    }

    [Fact]
    public void Tokenize_from_many_threads_gives_the_same_ids()
    {
        var texts = GoldenTokens.Read("tokenizer.jsonl").Select(g => g.Text).ToArray();
        var expected = texts.Select(t => Tokenizer.Encode(t).Ids).ToArray();
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < texts.Length; i++)
            {
                Assert.Equal(expected[i], Tokenizer.Encode(texts[i]).Ids);
            }
        });
    }

    [Fact]
    public void Tokenize_cancelled_stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => Tokenizer.Tokenize("text", new TokenBuffer(), cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => Tokenizer.Encode("text", cancellationToken: cancelled.Token));
    }

    [Fact]
    public void TokenOf_an_id_outside_the_vocabulary_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.TokenOf(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.TokenOf(Tokenizer.VocabularySize));
    }

    private static string RandomText(Random random, string alphabet)
    {
        var text = new StringBuilder();
        for (var length = random.Next(1, 40); length > 0; length--)
        {
            // Runs as well as single characters, so that whole words of the alphabet occur.
            var start = random.Next(alphabet.Length);
            text.Append(alphabet, start, Math.Min(random.Next(1, 6), alphabet.Length - start));
        }

        return text.ToString();
    }

    private static bool IsInsidePair(string text, int index) =>
        index > 0 && index < text.Length && char.IsHighSurrogate(text[index - 1]) && char.IsLowSurrogate(text[index]);

    private static string Escape(string text) => string.Concat(text.Select(c => c < 0x7F && c >= 0x20 ? c.ToString() : $"\\u{(int)c:X4}"));
}

/// <summary>The contract on SentencePiece.</summary>
public sealed class SentencePieceContractTests() : TokenizerContractTests(ModelFolder.SentencePiece())
{
    private protected override string LettersOf(string token) => token.TrimStart('▁');
}

/// <summary>The contract on WordPiece.</summary>
public sealed class WordPieceContractTests() : TokenizerContractTests(ModelFolder.WordPiece())
{
    private protected override string LettersOf(string token) => token.StartsWith("##", StringComparison.Ordinal) ? token[2..] : token;
}
