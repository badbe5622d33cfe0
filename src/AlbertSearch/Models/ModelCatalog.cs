using System.Collections.Concurrent;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Errors;

namespace AlbertSearch.Models;

/// <summary>The models that the configuration names. Each is loaded when it is first asked for, once. Safe for use from many threads.</summary>
internal sealed class ModelCatalog : IDisposable
{
    private readonly AlbertSearchOptions _options;
    private readonly Func<string, EmbeddingModel, ITextEmbedder> _createEmbedder;
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Name, PoolingMode? Pooling), Lazy<LoadedModel>> _loaded = new();

    /// <summary>Makes the catalog; nothing is loaded yet.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="createEmbedder">Makes the embedder of a model by its name.</param>
    public ModelCatalog(AlbertSearchOptions options, Func<string, EmbeddingModel, ITextEmbedder> createEmbedder)
    {
        _options = options;
        _createEmbedder = createEmbedder;
        foreach (var (name, folder) in options.Models)
        {
            _folders.Add(name, options.Resolve(folder));
        }

        DefaultName = options.Model;
        if (!_folders.ContainsKey(options.Model))
        {
            var folder = options.Resolve(options.Model);
            DefaultName = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
            _folders.TryAdd(DefaultName, folder);
        }
    }

    /// <summary>The name of the default model.</summary>
    public string DefaultName { get; }

    /// <summary>The names of all models.</summary>
    public IReadOnlyCollection<string> Names => _folders.Keys;

    /// <summary>A model by name; loads it when it is first asked for.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="pooling">How it makes vectors; null for the configured way.</param>
    /// <exception cref="NotFoundException">No model has the name.</exception>
    /// <exception cref="ModelFormatException">Its folder can't be used.</exception>
    public LoadedModel Get(string name, PoolingMode? pooling = null)
    {
        if (!_folders.TryGetValue(name, out var folder))
        {
            throw new NotFoundException($"There is no model '{name}'; configured are: {string.Join(", ", _folders.Keys.Order(StringComparer.Ordinal))}.");
        }

        var usual = _loaded.GetOrAdd((name, null), _ => new Lazy<LoadedModel>(() => Load(name, folder, _options.Pooling))).Value;
        return pooling is null || pooling == usual.Model.Pooling
            ? usual
            : _loaded.GetOrAdd((name, pooling), _ => new Lazy<LoadedModel>(() => Load(name, folder, pooling))).Value;
    }

    /// <summary>Whether a model has the name.</summary>
    public bool Has(string name) => _folders.ContainsKey(name);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var model in _loaded.Values.Where(model => model.IsValueCreated))
        {
            model.Value.Model.Dispose();
        }
    }

    private LoadedModel Load(string name, string folder, PoolingMode? pooling)
    {
        var model = EmbeddingModel.Load(
            folder,
            new EmbeddingModelOptions
            {
                Name = name,
                Pooling = pooling,
                Precision = _options.Precision,
                Threads = _options.Threads,
                BatchTokens = _options.Queue.BatchTokens,
            });
        if (model.CanEmbed)
        {
            return new LoadedModel(model, _createEmbedder(name, model));
        }

        model.Dispose();
        throw new ModelFormatException(folder, "the model has no pooler and its folder names no pooling: set AlbertSearch:Pooling to Mean or Cls.");
    }
}
