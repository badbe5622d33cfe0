using System.Text.Json.Serialization;
using AlbertSearch.Embeddings;

namespace AlbertSearch.Server.Responses;

/// <summary>What the model makes of samples.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Dimension">Floats in a vector.</param>
/// <param name="Results">One for each sample, in their order; computed while the answer is written.</param>
internal sealed record EmbedResponse(string Model, int Dimension, IAsyncEnumerable<EmbedResponse.EmbeddedSample> Results)
{
    /// <summary>What the model makes of one sample. Outputs that were not asked for are absent.</summary>
    internal sealed record EmbeddedSample
    {
        /// <summary>The tokens that were encoded.</summary>
        public required IReadOnlyList<string> Tokens { get; init; }

        /// <summary>Tokens that were cut.</summary>
        public required int TruncatedTokens { get; init; }

        /// <summary>The tanh pooler's output, raw.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float[]? Pooled { get; init; }

        /// <summary>The last hidden state of each token, raw.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IEnumerable<ReadOnlyMemory<float>>? Sequence { get; init; }

        /// <summary>The search vector: the model's own pooling, normalized.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float[]? Vector { get; init; }

        /// <summary>Describes a sample's features.</summary>
        /// <param name="features">The features.</param>
        /// <param name="dimension">Floats of a token's state.</param>
        public static EmbeddedSample Of(TextFeatures features, int dimension) => new()
        {
            Tokens = features.Tokens.Tokens,
            TruncatedTokens = features.Tokens.TruncatedTokens,
            Pooled = features.Pooled,
            Sequence = features.Sequence is { } states ? FloatRows.Of(states, dimension) : null,
            Vector = features.Vector,
        };
    }
}
