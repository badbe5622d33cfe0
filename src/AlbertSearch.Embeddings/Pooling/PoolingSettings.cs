namespace AlbertSearch.Embeddings.Pooling;

/// <summary>What the files of sentence-transformers say about a model folder's vectors.</summary>
/// <param name="Mode">The pooling, or null when the folder names none.</param>
/// <param name="MaxSequenceLength"><c>max_seq_length</c>, control tokens included, or null when the folder names none.</param>
internal sealed record PoolingSettings(PoolingMode? Mode, int? MaxSequenceLength);
