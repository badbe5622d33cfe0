namespace AlbertSearch.Ingestion;

/// <summary>How texts that are longer than a vector's tokens are cut into overlapping chunks.</summary>
public sealed class ChunkingOptions
{
    /// <summary>Whether long texts are cut into chunks; otherwise they are truncated, and the truncation is reported.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Most tokens of a chunk, control tokens included; 0 for the model's own limit.</summary>
    public int MaxTokens { get; set; }

    /// <summary>Tokens that a chunk shares with the one before; less than half of a chunk.</summary>
    public int OverlapTokens { get; set; } = 16;
}
