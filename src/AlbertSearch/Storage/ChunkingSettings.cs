using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage;

/// <summary>How a generation cuts texts: <see cref="ChunkingOptions"/> as they were when it was made.</summary>
/// <param name="Enabled">Whether long texts are cut; otherwise they are truncated.</param>
/// <param name="MaxTokens">Most tokens of a chunk, control tokens included; 0 for the model's own limit.</param>
/// <param name="OverlapTokens">Tokens that a chunk shares with the one before.</param>
public sealed record ChunkingSettings(bool Enabled, int MaxTokens, int OverlapTokens)
{
    /// <summary>The settings that options ask for.</summary>
    public static ChunkingSettings From(ChunkingOptions options) => new(options.Enabled, options.MaxTokens, options.OverlapTokens);
}
