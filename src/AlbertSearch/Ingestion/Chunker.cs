using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Ingestion;

/// <summary>
/// Cuts texts into overlapping chunks that fit a model's input. A chunk is as long as the tokens allow and ends with a paragraph, a
/// sentence or a word, in this order of preference, as long as that leaves it at least half full. Time is linear in the text.
/// Immutable, safe for use from many threads.
/// </summary>
public sealed class Chunker
{
    /// <summary>The control tokens around a text.</summary>
    private const int Frame = 2;

    // Tokens at the edges of a part can differ from those of the whole; a few tries find the right length, halving ends the rest.
    private const int CloseTries = 4;

    private readonly ITokenizer _tokenizer;
    private readonly int _maxTokens;
    private readonly int _overlap;

    /// <summary>Makes a chunker.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="maxTokens">Most tokens of a chunk, control tokens included; at least 4.</param>
    /// <param name="overlapTokens">Tokens that a chunk shares with the one before; more than half of a chunk is cut to that.</param>
    public Chunker(ITokenizer tokenizer, int maxTokens, int overlapTokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, Frame + 2);
        ArgumentOutOfRangeException.ThrowIfNegative(overlapTokens);
        _tokenizer = tokenizer;
        _maxTokens = maxTokens;
        _overlap = Math.Min(overlapTokens, ((maxTokens - Frame) / 2) - 1);
    }

    /// <summary>Cuts a text.</summary>
    /// <returns>The chunks in order; a text that fits is one chunk from 0 to its length.</returns>
    public IReadOnlyList<TextChunk> Cut(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var whole = _tokenizer.Encode(text, maxTokens: _maxTokens, cancellationToken: cancellationToken);
        if (whole.TruncatedTokens == 0)
        {
            return [new TextChunk(0, text.Length, whole)];
        }

        var tokens = new TokenBuffer();
        _tokenizer.Tokenize(text, tokens, cancellationToken);
        return Cut(text, tokens.Offsets, cancellationToken);
    }

    private List<TextChunk> Cut(string text, ReadOnlySpan<TokenOffset> tokens, CancellationToken cancellationToken)
    {
        var budget = _maxTokens - Frame;
        var chunks = new List<TextChunk>();
        var first = 0;
        var start = TextEdges.SkipSpace(text, 0, text.Length);
        var covered = start;
        while (start < text.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = text.Length;
            if (first + budget < tokens.Length)
            {
                var least = Math.Max(covered, tokens[first + (budget / 2)].Start);
                end = TextEdges.FindEnd(text, least, Math.Max(least + 1, tokens[first + budget - 1].End));
            }

            var chunk = Fit(text, start, end, cancellationToken);
            if (chunk.End <= covered)
            {
                // Shrunk to what the chunk before has already: go on without the overlap.
                chunk = Fit(text, covered, end, cancellationToken);
            }

            chunks.Add(chunk);
            covered = TextEdges.SkipSpace(text, chunk.End, text.Length);
            var next = first;
            while (next < tokens.Length && tokens[next].Start < covered)
            {
                next++;
            }

            if (next == tokens.Length)
            {
                break;
            }

            var back = Math.Max(next - _overlap, first + 1);
            start = back < next ? TextEdges.FindStart(text, Math.Max(tokens[back].Start, chunk.Start + 1), covered) : covered;
            first = back;
            while (first < next && tokens[first].Start < start)
            {
                first++;
            }
        }

        return chunks;
    }

    private TextChunk Fit(string text, int start, int end, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            end = Math.Max(start + 1, TextEdges.SkipSpaceBack(text, end));
            var tokens = _tokenizer.Encode(text[start..end], maxTokens: _maxTokens, cancellationToken: cancellationToken);
            var shortest = start + (char.IsHighSurrogate(text[start]) && start + 1 < text.Length ? 2 : 1);
            if (tokens.TruncatedTokens == 0 || end <= shortest)
            {
                return new TextChunk(start, end, tokens);
            }

            var kept = tries <= CloseTries ? start + tokens.Offsets[tokens.Count - Frame].End : start + ((end - start) / 2);
            end = Math.Max(shortest, TextEdges.FindEnd(text, start + ((kept - start) / 2), Math.Min(kept, end - 1)));
        }
    }
}
