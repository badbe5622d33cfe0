namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// Computes an ALBERT encoder's raw states. Tokenization, pooling, normalization and classification heads are outside it,
/// so that another engine is one class. Safe for use from many threads.
/// </summary>
public interface IEncoderEngine : IDisposable
{
    /// <summary>The model's sizes.</summary>
    AlbertConfig Config { get; }

    /// <summary>Whether the checkpoint has a pooler; token classifiers have none.</summary>
    bool HasPooler { get; }

    /// <summary>Encodes a batch. Each sequence's result is the same to 1e-5 whatever else is in the batch, and bit-identical for any number of threads.</summary>
    /// <param name="batch">Ids below the vocabulary size, segment ids below the type vocabulary size, lengths within the positions.</param>
    /// <param name="outputs">Receives the states.</param>
    /// <param name="priority">Interactive batches go ahead of bulk ones after some milliseconds, within a layer.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">An id, a length or an output size is out of range; nothing was computed.</exception>
    void Encode(RaggedBatch batch, EncoderOutputs outputs, BatchPriority priority, CancellationToken cancellationToken = default);
}
