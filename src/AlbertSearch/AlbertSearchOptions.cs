using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;

namespace AlbertSearch;

/// <summary>The section <c>AlbertSearch</c> of the configuration; checked at start.</summary>
public sealed class AlbertSearchOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "AlbertSearch";

    /// <summary>The default model: a name in <see cref="Models"/>, or a model folder.</summary>
    public string Model { get; set; } = "models/albertsearch-mini-v1";

    /// <summary>Other models by name; the values are folders.</summary>
    public Dictionary<string, string> Models { get; } = new(StringComparer.Ordinal);

    /// <summary>The folder of the database; made when absent.</summary>
    public string IndexData { get; set; } = "index-data";

    /// <summary>Folder that relative paths are resolved against: that of the <c>appsettings.json</c> that was found, else the working directory.</summary>
    public string BaseFolder { get; set; } = Directory.GetCurrentDirectory();

    /// <summary>Overrides the pooling that the model folder names.</summary>
    public PoolingMode? Pooling { get; set; }

    /// <summary>The arithmetic of the encoder's layers. Vectors of the two are of two models: changing it means to index anew.</summary>
    public Precision Precision { get; set; } = Precision.Fp32;

    /// <summary>Threads of the encoder; 0 for one a processor.</summary>
    public int Threads { get; set; }

    /// <summary>How long texts are cut.</summary>
    public ChunkingOptions Chunking { get; set; } = new();

    /// <summary>How vectors are indexed.</summary>
    public IndexOptions Index { get; set; } = new();

    /// <summary>Bounds on requests.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>The durable queue and its worker.</summary>
    public QueueOptions Queue { get; set; } = new();

    /// <summary>Vectors of recent queries that are kept, so that the same question isn't embedded again, and as many of sentences; 0 for none.</summary>
    public int QueryCache { get; set; } = 1_000;

    /// <summary>A path of the configuration, resolved against <see cref="BaseFolder"/>.</summary>
    internal string Resolve(string path) => Path.GetFullPath(path, Path.GetFullPath(BaseFolder));
}
