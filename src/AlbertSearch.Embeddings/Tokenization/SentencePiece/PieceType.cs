namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>What a piece is for: <c>SentencePiece.Type</c> of <c>sentencepiece_model.proto</c>.</summary>
internal enum PieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
