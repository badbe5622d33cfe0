using System.Text;
using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Ingestion;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Ingestion;

public sealed class ChunkerTests
{
    private static readonly ITokenizer SentencePiece = TokenizerLoader.Load(RepositoryFiles.DefaultModel);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("  One short sentence.\n ")]
    public void Text_that_fits_is_one_chunk_from_end_to_end(string text)
    {
        var chunk = Assert.Single(new Chunker(SentencePiece, 32, 4).Cut(text));
        Assert.Equal((0, text.Length), (chunk.Start, chunk.End));
    }

    [Fact]
    public void Paragraph_end_wins_over_sentence_end_and_sentence_end_over_word_end()
    {
        const string First = "The river runs through the old town and under three bridges.";
        const string Second = "Boats of many kinds are tied up along the bank. Children feed the ducks there";
        const string Third = "in the evening when the light is low and the air is cool again";
        var text = $"{First}\n\n{Second} {Third}";
        var chunks = new Chunker(SentencePiece, 22, 0).Cut(text);

        Assert.Equal(First, text[chunks[0].Start..chunks[0].End]);
        Assert.Equal("Boats of many kinds are tied up along the bank.", text[chunks[1].Start..chunks[1].End]);
        Assert.EndsWith(" again", text[chunks[^1].Start..chunks[^1].End], StringComparison.Ordinal);
    }

    [Fact]
    public void Chunks_overlap_and_begin_with_a_word()
    {
        var text = string.Join(' ', Enumerable.Range(0, 300).Select(i => $"word{i}"));
        var chunks = new Chunker(SentencePiece, 64, 16).Cut(text);
        Assert.True(chunks.Count > 5);
        foreach (var (before, after) in chunks.Zip(chunks.Skip(1)))
        {
            Assert.True(after.Start < before.End);
            Assert.True(after.Start > before.Start);
            Assert.Equal(' ', text[after.Start - 1]);
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("spaces")]
    [InlineData("no-spaces")]
    [InlineData("unicode")]
    [InlineData("expanding")]
    public void Seeded_texts_are_covered_by_chunks_that_fit(string kind)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var text = MakeText(random, kind);
            var maxTokens = random.Next(12, 129);
            var overlap = random.Next(0, maxTokens / 2);
            var chunks = new Chunker(SentencePiece, maxTokens, overlap).Cut(text);

            var covered = 0;
            var lastStart = -1;
            foreach (var chunk in chunks)
            {
                Assert.InRange(chunk.Start, 0, chunk.End);
                Assert.True(chunk.Start > lastStart, $"{kind} {seed}: chunk at {chunk.Start} after one at {lastStart}");
                Assert.True(chunk.End <= text.Length);
                Assert.True(string.IsNullOrWhiteSpace(text[covered..Math.Max(covered, chunk.Start)]), $"{kind} {seed}: text before {chunk.Start} is in no chunk");
                Assert.True(chunk.End > covered, $"{kind} {seed}: chunk to {chunk.End} adds nothing to {covered}");
                Assert.False(IsInsidePair(text, chunk.Start) || IsInsidePair(text, chunk.End), $"{kind} {seed}: a surrogate pair is split");

                var alone = SentencePiece.Encode(text[chunk.Start..chunk.End]);
                Assert.True(alone.Count <= maxTokens, $"{kind} {seed}: {alone.Count} tokens in a chunk of {maxTokens}");
                Assert.Equal(alone.Ids, chunk.Tokens.Ids);
                covered = chunk.End;
                lastStart = chunk.Start;
            }

            Assert.True(string.IsNullOrWhiteSpace(text[covered..]), $"{kind} {seed}: the end is in no chunk");
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData(")")]
    [InlineData(".")]
    [InlineData("ab cd. ")]
    [InlineData("\n\n")]
    [InlineData("漢")]
    [InlineData("😀")]
    [InlineData("x \t  ")]
    public void Work_grows_with_the_length_alone(string unit)
    {
        // Counted, not timed: the characters that the tokenizer is given are a small multiple of the text's.
        var counting = new CountingTokenizer(SentencePiece);
        var text = "start " + string.Concat(Enumerable.Repeat(unit, (1 << 18) / unit.Length)) + " end";
        var chunks = new Chunker(counting, 128, 16).Cut(text);
        Assert.NotEmpty(chunks);
        Assert.True(counting.Characters <= 6L * text.Length, $"{counting.Characters} characters tokenized of a text of {text.Length}");
    }

    [Fact]
    public void Canceled_cut_stops()
    {
        var text = string.Concat(Enumerable.Repeat("some words here. ", 50_000));
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new Chunker(SentencePiece, 128, 16).Cut(text, cancel.Token));
    }

    private static bool IsInsidePair(string text, int position) =>
        position > 0 && position < text.Length && char.IsHighSurrogate(text[position - 1]) && char.IsLowSurrogate(text[position]);

    private static string MakeText(Random random, string kind)
    {
        var text = new StringBuilder();
        var length = random.Next(200, 4_000);
        while (text.Length < length)
        {
            switch (kind)
            {
                case "plain":
                    text.Append((char)random.Next('a', 'z' + 1), 1).Append("word").Append(random.Next(9) switch { 0 => ". ", 1 => ".\n\n", 2 => ", ", 3 => "! ", _ => " " });
                    break;
                case "spaces":
                    text.Append(' ', random.Next(0, 60)).Append('\n', random.Next(0, 3)).Append("xy");
                    break;
                case "no-spaces":
                    text.Append((char)random.Next('!', '~'));
                    break;
                case "unicode":
                    text.Append(new Rune(random.Next(3) switch { 0 => random.Next(0x4E00, 0x4FFF), 1 => random.Next(0x1F300, 0x1F5FF), _ => random.Next(0x20, 0x2FF) }).ToString());
                    text.Append(random.Next(12) == 0 ? "。" : string.Empty);
                    break;
                default:
                    // Compatibility characters that the normalization writes out as several.
                    text.Append((char)random.Next(0x2100, 0x214F)).Append('\u33FF').Append(random.Next(4) == 0 ? " " : "\uFB03");
                    break;
            }
        }

        return text.ToString();
    }

    private sealed class CountingTokenizer(ITokenizer inner) : ITokenizer
    {
        public long Characters { get; private set; }

        public int VocabularySize => inner.VocabularySize;

        public SpecialTokenIds SpecialTokens => inner.SpecialTokens;

        public int ModelMaxLength => inner.ModelMaxLength;

        public string TokenOf(int id) => inner.TokenOf(id);

        public void Tokenize(ReadOnlySpan<char> text, TokenBuffer destination, CancellationToken cancellationToken = default)
        {
            Characters += text.Length;
            inner.Tokenize(text, destination, cancellationToken);
        }

        public TokenSequence Encode(string text, string? pair = null, int maxTokens = int.MaxValue, CancellationToken cancellationToken = default)
        {
            Characters += text.Length;
            return inner.Encode(text, pair, maxTokens, cancellationToken);
        }
    }
}
