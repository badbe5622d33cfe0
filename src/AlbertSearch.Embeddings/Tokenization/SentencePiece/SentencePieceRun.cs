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
    private const int BlockLength = 1 << 12;
    private const int PartLength = 1 << 15;

    // What must be known of the text behind a place to normalize there.
    private const int Lookahead = SentencePieceModel.MaximumPieceBytes;

    // The state of SentencePiece's normalizer: whether the leading ▁ is written, and whether the last thing was a space.
    private bool _started;
    private bool _afterSpace;

    // A word has begun and nothing of it is normalized yet.
    private bool _opensWord;

    // The lattice's score up to the tokens that are emitted already, and whether the last of them may go on.
    private float _score;
    private bool _afterUnknown;

    // Unsegmented bytes of one word at which the settled ones are emitted, so that huge words need little memory. Without
    // a piece for the comma, an unknown run could end in one and fall under the rule for digits as a whole.
    private int _nextPart = vocabulary.Find(","u8) == vocabulary.UnknownId ? int.MaxValue : PartLength;

    /// <summary>Begins a word: white space went before it, unless it is the first one.</summary>
    public void OpenWord() => _opensWord = true;

    /// <summary>Takes a word of plain ASCII in.</summary>
    /// <param name="word">The word.</param>
    /// <param name="start">Its place in the original text.</param>
    /// <param name="table">The byte that each ASCII character becomes.</param>
    public void AddPlainWord(ReadOnlySpan<char> word, int start, ReadOnlySpan<byte> table)
    {
        if (_started)
        {
            AppendSpace(start, start);
        }
        else
        {
            Start(start, scratch.Normalized);
        }

        _afterSpace = false;
        while (!word.IsEmpty)
        {
            var block = word[..Math.Min(word.Length, BlockLength)];
            var normalized = scratch.Normalized;
            var first = normalized.Count;
            normalized.Extend(block.Length);
            var items = normalized.Items[first..];
            var starts = normalized.Starts[first..];
            var ends = normalized.Ends[first..];
            for (var i = 0; i < block.Length; i++)
            {
                items[i] = table[block[i]];
                starts[i] = start + i;
                ends[i] = start + i + 1;
            }

            word = word[block.Length..];
            start += block.Length;
            EmitSettled();
        }
    }

    /// <summary>Takes UTF-8 in, and removes it from <paramref name="source"/> as far as it could be normalized.</summary>
    /// <param name="source">A block of a word, or of a whole text.</param>
    /// <param name="isLast">True when no more of the word follows.</param>
    public void Add(MappedBuffer<byte> source, bool isLast)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (source.Count > 0 && _opensWord)
        {
            _opensWord = false;
            if (_started)
            {
                AppendSpace(source.Starts[0], source.Starts[0]);
            }
        }

        Normalize(source, scratch.Normalized, isLast, segment: vocabulary.SplitsAtSpaces);
        EmitSettled();
    }

    /// <summary>Emits what is left.</summary>
    public void Finish()
    {
        TrimSpaces(scratch.Normalized);
        Segment();
    }

    private void Start(int start, MappedBuffer<byte> normalized)
    {
        (_started, _afterSpace) = (true, true);
        normalized.Add(Space, start, start);
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

    private void Normalize(MappedBuffer<byte> source, MappedBuffer<byte> normalized, bool isLast, bool segment)
    {
        var text = source.Items;
        var starts = source.Starts;
        var ends = source.Ends;
        var limit = text.Length - (isLast ? 0 : Lookahead);
        var i = 0;
        for (int length; i < limit; i += length)
        {
            length = normalizer.NormalizePrefix(text[i..], out var part);
            var (start, end) = (starts[i], ends[i + length - 1]);
            if (!_started)
            {
                if (part.SequenceEqual(" "u8))
                {
                    continue;
                }

                Start(start, normalized);
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

        source.RemoveFirst(i);
    }

    private static void TrimSpaces(MappedBuffer<byte> normalized)
    {
        normalized.Truncate(normalized.Items.TrimEnd(Space).Length);
    }

    private void Segment()
    {
        var normalized = scratch.Normalized;
        if (normalized.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _score = scratch.Lattice.Segment(normalized.Items, _score, cancellationToken);
            EmitPieces();
            normalized.Truncate(0);
            _afterUnknown = false;
            _nextPart = _nextPart == int.MaxValue ? int.MaxValue : PartLength;
        }
    }

    private void EmitSettled()
    {
        var normalized = scratch.Normalized;
        if (normalized.Count < _nextPart)
        {
            return;
        }

        // Spaces wait: at the end of the text they are dropped.
        cancellationToken.ThrowIfCancellationRequested();
        _score = scratch.Lattice.SegmentSettled(normalized.Items.TrimEnd(Space), _score, out var length, cancellationToken);
        EmitPieces();
        _afterUnknown = length == 0 ? _afterUnknown : scratch.Lattice[scratch.Lattice.Count - 1].Id == vocabulary.UnknownId;
        normalized.RemoveFirst(length);

        // The rest is solved again; waiting for as much as that again keeps the whole linear.
        _nextPart = (int)Math.Clamp(2L * normalized.Count, PartLength, int.MaxValue);
    }

    private readonly void EmitPieces()
    {
        var normalized = scratch.Normalized;
        var lattice = scratch.Lattice;
        for (var i = 0; i < lattice.Count; i++)
        {
            var (start, end, id) = lattice[i];
            if (i == 0 && _afterUnknown && id == vocabulary.UnknownId)
            {
                destination.ExtendLast(normalized.Ends[end - 1]);
            }
            else if (EndsInDigitAndComma(normalized.Items[start..end]))
            {
                EmitDigits(normalized, start, end);
            }
            else
            {
                Emit(normalized, start, end, id);
            }
        }
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
        run.Normalize(source, digits, isLast: true, segment: false);
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
