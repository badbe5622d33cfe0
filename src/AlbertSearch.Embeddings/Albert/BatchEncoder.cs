using System.Collections.Concurrent;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>Receives the raw states of one sequence; the spans are valid during the call alone.</summary>
/// <param name="index">The sequence's place in the input.</param>
/// <param name="states">Last hidden states, tokens × HiddenSize; empty when not wanted.</param>
/// <param name="pooled">The pooler's output, HiddenSize; empty when not wanted.</param>
internal delegate void EncodedSequence(int index, ReadOnlySpan<float> states, ReadOnlySpan<float> pooled);

/// <summary>
/// Feeds an engine with any number of sequences in batches of a bounded number of tokens, sequences of similar length together.
/// Owns the engine. Safe for use from many threads.
/// </summary>
internal sealed class BatchEncoder : IDisposable
{
    private readonly ConcurrentBag<Scratch> _scratch = [];
    private readonly IEncoderEngine _engine;
    private readonly int _batchTokens;

    /// <summary>Takes over an engine.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="batchTokens">Most tokens of a batch; a longer sequence is a batch of its own.</param>
    public BatchEncoder(IEncoderEngine engine, int batchTokens)
    {
        _engine = engine;
        _batchTokens = batchTokens;
    }

    /// <summary>The engine's sizes.</summary>
    public AlbertConfig Config => _engine.Config;

    /// <summary>Whether pooler outputs can be had.</summary>
    public bool HasPooler => _engine.HasPooler;

    /// <summary>Encodes sequences and hands out each one's states, in any order.</summary>
    /// <param name="sequences">Each of 1 to MaxPositions tokens.</param>
    /// <param name="wantStates">Whether last hidden states are wanted.</param>
    /// <param name="wantPooled">Whether pooler outputs are wanted.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="receive">Called once for each sequence, on this thread.</param>
    /// <param name="cancellationToken">Looked at between layers and batches.</param>
    /// <exception cref="ArgumentException">A sequence is too long, or has an id out of range.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public void Encode(IReadOnlyList<TokenSequence> sequences, bool wantStates, bool wantPooled, BatchPriority priority, EncodedSequence receive, CancellationToken cancellationToken)
    {
        int[] order = LongestFirst(sequences);
        Scratch scratch = _scratch.TryTake(out Scratch? pooled) ? pooled : new Scratch();
        try
        {
            for (int first = 0; first < order.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = FillBatch(scratch.Batch, sequences, order.AsSpan(first));
                EncodeBatch(scratch, order.AsSpan(first, count), wantStates, wantPooled, priority, receive, cancellationToken);
                first += count;
            }
        }
        finally
        {
            _scratch.Add(scratch);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _engine.Dispose();

    private int[] LongestFirst(IReadOnlyList<TokenSequence> sequences)
    {
        int[] order = new int[sequences.Count];
        int[] keys = new int[sequences.Count];
        for (int i = 0; i < order.Length; i++)
        {
            int length = sequences[i].Count;
            if (length > Config.MaxPositions)
            {
                throw new ArgumentException($"Sequence {i} has {length} tokens; the encoder takes at most {Config.MaxPositions}.", nameof(sequences));
            }

            order[i] = i;
            keys[i] = -length;
        }

        Array.Sort(keys, order);
        return order;
    }

    private int FillBatch(RaggedBatch batch, IReadOnlyList<TokenSequence> sequences, ReadOnlySpan<int> order)
    {
        batch.Clear();
        foreach (int index in order)
        {
            TokenSequence sequence = sequences[index];
            if (batch.Count > 0 && batch.TokenCount + sequence.Count > _batchTokens)
            {
                break;
            }

            batch.Add(sequence);
        }

        return batch.Count;
    }

    private void EncodeBatch(Scratch scratch, ReadOnlySpan<int> order, bool wantStates, bool wantPooled, BatchPriority priority, EncodedSequence receive, CancellationToken cancellationToken)
    {
        RaggedBatch batch = scratch.Batch;
        int hidden = Config.HiddenSize;
        Memory<float> states = wantStates ? scratch.States(batch.TokenCount * hidden) : Memory<float>.Empty;
        Memory<float> pooled = wantPooled ? scratch.Pooled(batch.Count * hidden) : Memory<float>.Empty;
        _engine.Encode(batch, new EncoderOutputs { LastHiddenState = states, PoolerOutput = pooled }, priority, cancellationToken);
        for (int i = 0; i < order.Length; i++)
        {
            receive(
                order[i],
                wantStates ? states.Span[(batch.Starts[i] * hidden)..(batch.Starts[i + 1] * hidden)] : [],
                wantPooled ? pooled.Span.Slice(i * hidden, hidden) : []);
        }
    }

    /// <summary>Buffers of one running call, kept for the next: as many as calls ever ran at once, each of a batch's size.</summary>
    private sealed class Scratch
    {
        private float[] _states = [];
        private float[] _pooled = [];

        public RaggedBatch Batch { get; } = new();

        public Memory<float> States(int length) => Grow(ref _states, length);

        public Memory<float> Pooled(int length) => Grow(ref _pooled, length);

        private static Memory<float> Grow(ref float[] buffer, int length)
        {
            if (buffer.Length < length)
            {
                buffer = GC.AllocateUninitializedArray<float>(length);
            }

            return buffer.AsMemory(0, length);
        }
    }
}
