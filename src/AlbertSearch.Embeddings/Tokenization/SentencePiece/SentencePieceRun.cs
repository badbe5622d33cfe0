using System.Text;
using AlbertSearch.Embeddings.Tokenization.Unicode;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>
/// One pass over one text: takes words in, normalizes them, and emits tokens as soon as a word can't change any more.
/// Lives for one call on the stack.
/// </summary>
internal ref struct SentencePieceRun(
    UnigramVocabulary vocabulary,
    SentencePieceNormalizer normalizer,
    SentencePieceScratch scratch,
    TokenBuffer destination,
    CancellationToken cancellationToken)
{
    private const byte Space = UnigramVocabulary.Space;
    private const int CheckInterval = 1 << 14;

    // The state of SentencePiece's normalizer: whether the leading ▁ is written, and whether the last thing was a space.
    private bool _started;
    private bool _afterSpace;

    // The lattice's score up to the words that are emitted already.
    private float _score;

    /// <summary>Takes a word of plain ASCII in, lowering it by <paramref name="table"/>.</summary>
    /// <param name="word">The word.</param>
    /// <param name="start">Its place in the original text.</param>
    /// <param name="table">The byte that each ASCII character becomes.</param>
    public void AddPlainWord(ReadOnlySpan<char> word, int start, ReadOnlySpan<byte> table)
    {
        OpenWord(start);
        var normalized = scratch.Normalized;
        var first = normalized.Count;
        normalized.Extend(word.Length);
        var items = normalized.Items[first..];
        var starts = normalized.Starts[first..];
        var ends = normalized.Ends[first..];
        for (var i = 0; i < word.Length; i++)
        {
            items[i] = table[word[i]];
            starts[i] = start + i;
            ends[i] = start + i + 1;
        }

        _afterSpace = false;
    }

    /// <summary>Takes UTF-8 in and empties <paramref name="source"/>.</summary>
    /// <param name="source">A word, or a whole text.</param>
    /// <param name="isWord">True when white space went before it, unless it is the first word.</param>
    public void Add(MappedBuffer<byte> source, bool isWord)
    {
        if (isWord && _started && source.Count > 0)
        {
            AppendSpace(source.Starts[0], source.Starts[0]);
        }

        Normalize(source, scratch.Normalized, segment: vocabulary.SplitsAtSpaces);
        source.Truncate(0);
    }

    /// <summary>Emits what is left.</summary>
    public void Finish()
    {
        TrimSpaces(scratch.Normalized);
        Segment();
    }

    private void OpenWord(int start)
    {
        if (_started)
        {
            AppendSpace(start, start);
        }
        else
        {
            (_started, _afterSpace) = (true, true);
            scratch.Normalized.Add(Space, start, start);
        }
    }

    private void AppendSpace(int start, int end)
    {
        if (!_afterSpace)
        {
            AppendByte(Space, start, end, scratch.Normalized, vocabulary.SplitsAtSpaces);
            _afterSpace = true;
        }
    }

    private void AppendByte(byte item, int start, int end, MappedBuffer<byte> normalized, bool segment)
    {
        if (segment && item == Space && normalized.Count > 0 && normalized.Items[^1] != Space)
        {
            Segment();
        }

        normalized.Add(item, start, end);
    }

    private void Normalize(MappedBuffer<byte> source, MappedBuffer<byte> normalized, bool segment)
    {
        var text = source.Items;
        var starts = source.Starts;
        var ends = source.Ends;
        var nextCheck = CheckInterval;
        for (int i = 0, length; i < text.Length; i += length)
        {
            if (i >= nextCheck)
            {
                cancellationToken.ThrowIfCancellationRequested();
                nextCheck = i + CheckInterval;
            }

            length = normalizer.NormalizePrefix(text[i..], out var part);
            var (start, end) = (starts[i], ends[i + length - 1]);
            if (!_started)
            {
                if (part.SequenceEqual(" "u8))
                {
                    continue;
                }

                (_started, _afterSpace) = (true, true);
                normalized.Add(Space, start, start);
            }

            part = _afterSpace ? part.TrimStart((byte)' ') : part;
            if (part.IsEmpty)
            {
                continue;
            }

            _afterSpace = part[^1] == ' ';
            while (!part.IsEmpty)
            {
                var isSymbol = part[0] == 0xE2 && UnigramVocabulary.StartsWithSpaceSymbol(part);
                AppendByte(isSymbol || part[0] == ' ' ? Space : part[0], start, end, normalized, segment);
                part = part[(isSymbol ? 3 : 1)..];
            }
        }
    }

    private static void TrimSpaces(MappedBuffer<byte> normalized)
    {
        normalized.Truncate(normalized.Items.TrimEnd(Space).Length);
    }

    private void Segment()
    {
        var normalized = scratch.Normalized;
        if (normalized.Count == 0)
        {
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var lattice = scratch.Lattice;
        _score = lattice.Segment(normalized.Items, _score, cancellationToken);
        for (var i = 0; i < lattice.Count; i++)
        {
            var (start, end, id) = lattice[i];
            if (EndsInDigitAndComma(normalized.Items[start..end]))
            {
                EmitDigits(normalized, start, end);
            }
            else
            {
                Emit(normalized, start, end, id);
            }
        }

        normalized.Truncate(0);
    }

    private readonly void Emit(MappedBuffer<byte> normalized, int start, int end, int id)
    {
        // A ▁ stands for white space before the token, which is no part of it.
        var items = normalized.Items;
        var first = start;
        while (first < end && items[first] == Space)
        {
            first++;
        }

        first = first < end ? first : end - 1;
        destination.Add(id, new TokenOffset(normalized.Starts[first], normalized.Ends[end - 1]));
    }

    // ALBERT's rule for pieces such as "2014,": the comma becomes a token of its own, and what is before it is segmented
    // again, as a text of its own. See encode_pieces in google-research/albert, tokenization.py.
    private static bool EndsInDigitAndComma(ReadOnlySpan<byte> piece)
    {
        if (piece.Length < 2 || piece[^1] != ',')
        {
            return false;
        }

        return Rune.DecodeLastFromUtf8(piece[..^1], out var last, out _) == System.Buffers.OperationStatus.Done
            && UnicodeTables.Has(last.Value, CharacterProperties.Digit);
    }

    private readonly void EmitDigits(MappedBuffer<byte> normalized, int start, int end)
    {
        var (source, digits, lattice) = (scratch.DigitSource, scratch.DigitNormalized, scratch.DigitLattice);
        source.Truncate(0);
        digits.Truncate(0);
        for (var i = start; i < end - 1; i++)
        {
            if (normalized.Items[i] != Space)
            {
                source.Add(normalized.Items[i], normalized.Starts[i], normalized.Ends[i]);
            }
        }

        var run = this;
        (run._started, run._afterSpace) = (false, false);
        run.Normalize(source, digits, segment: false);
        TrimSpaces(digits);
        if (digits.Count > 0)
        {
            lattice.Segment(digits.Items, 0, cancellationToken);
            for (var i = 0; i < lattice.Count; i++)
            {
                var (pieceStart, pieceEnd, id) = lattice[i];
                if (i == 0 && normalized.Items[start] != Space && digits.Items[0] == Space)
                {
                    // The piece stood inside a word, so the ▁ that comes with a text of its own goes again.
                    if (pieceEnd == ++pieceStart)
                    {
                        continue;
                    }

                    id = vocabulary.Find(digits.Items[pieceStart..pieceEnd]);
                }

                Emit(digits, pieceStart, pieceEnd, id);
            }
        }

        Emit(normalized, end - 1, end, vocabulary.Find(","u8));
    }
}
