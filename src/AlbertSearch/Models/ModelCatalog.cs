using AlbertSearch.Embeddings;
using AlbertSearch.Errors;

namespace AlbertSearch.Models;

/// <summary>The models that the configuration names. Each is loaded when it is first asked for, once. Safe for use from many threads.</summary>
internal sealed class ModelCatalog : IDisposable
{
    private readonly Dictionary<string, Lazy<LoadedModel>> _models = new(StringComparer.Ordinal);

    /// <summary>Makes the catalog; nothing is loaded yet.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="createEmbedder">Makes the embedder of a model by its name.</param>
    public ModelCatalog(AlbertSearchOptions options, Func<string, EmbeddingModel, ITextEmbedder> createEmbedder)
    {
        foreach (var (name, folder) in options.Models)
        {
            Add(name, folder);
        }

        DefaultName = options.Model;
        if (!_models.ContainsKey(options.Model))
        {
            DefaultName = Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Resolve(options.Model)));
            if (!_models.ContainsKey(DefaultName))
            {
                Add(DefaultName, options.Model);
            }
        }

        void Add(string name, string folder) => _models.Add(name, new Lazy<LoadedModel>(() =>
        {
            var model = EmbeddingModel.Load(
                options.Resolve(folder), new EmbeddingModelOptions { Name = name, Pooling = options.Pooling, Threads = options.Threads, BatchTokens = options.Queue.BatchTokens });
            if (!model.CanEmbed)
            {
                model.Dispose();
                throw new ModelFormatException(options.Resolve(folder), "the model has no pooler and its folder names no pooling: set AlbertSearch:Pooling to Mean or Cls.");
            }

            return new LoadedModel(model, createEmbedder(name, model));
        }));
    }

    /// <summary>The name of the default model.</summary>
    public string DefaultName { get; }

    /// <summary>The names of all models.</summary>
    public IReadOnlyCollection<string> Names => _models.Keys;

    /// <summary>A model by name; loads it when it is first asked for.</summary>
    /// <exception cref="NotFoundException">No model has the name.</exception>
    /// <exception cref="ModelFormatException">Its folder can't be used.</exception>
    public LoadedModel Get(string name) => _models.TryGetValue(name, out var model)
        ? model.Value
        : throw new NotFoundException($"There is no model '{name}'; configured are: {string.Join(", ", _models.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Whether a model has the name.</summary>
    public bool Has(string name) => _models.ContainsKey(name);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var model in _models.Values.Where(model => model.IsValueCreated))
        {
            model.Value.Model.Dispose();
        }
    }
}
