namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>The control tokens' ids.</summary>
/// <param name="Cls">Opens every sequence.</param>
/// <param name="Sep">Closes every text.</param>
/// <param name="Pad">Fills up rectangular batches; ragged ones never hold it. -1 when the vocabulary has none.</param>
/// <param name="Unk">Stands for text that the vocabulary can't write.</param>
/// <param name="Mask">Masked language modelling only. -1 when the vocabulary has none.</param>
public readonly record struct SpecialTokenIds(int Cls, int Sep, int Pad, int Unk, int Mask);
