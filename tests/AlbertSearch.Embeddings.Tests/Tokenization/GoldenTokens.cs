using System.Text.Json;
using System.Text.Json.Serialization;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

/// <summary>One line of the recorded outputs of the reference tokenizers.</summary>
public sealed record GoldenTokens
{
    [JsonPropertyName("text")]
    public string Text { get; init; } = "";

    [JsonPropertyName("a")]
    public string A { get; init; } = "";

    [JsonPropertyName("b")]
    public string B { get; init; } = "";

    [JsonPropertyName("max_length")]
    public int MaxLength { get; init; }

    [JsonPropertyName("ids")]
    public int[] Ids { get; init; } = [];

    [JsonPropertyName("types")]
    public int[] Types { get; init; } = [];

    [JsonPropertyName("tokens")]
    public string[] Tokens { get; init; } = [];

    public static IReadOnlyList<GoldenTokens> Read(string name) =>
        [.. File.ReadLines(RepositoryFiles.Golden(name)).Select(line => JsonSerializer.Deserialize<GoldenTokens>(line)!)];
}
