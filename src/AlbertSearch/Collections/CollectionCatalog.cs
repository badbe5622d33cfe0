using System.Collections.Concurrent;
using AlbertSearch.Errors;
using AlbertSearch.Models;
using AlbertSearch.Storage;

namespace AlbertSearch.Collections;

/// <summary>The collections and the models of their generations, in memory: they change seldom and every request asks. Safe for use from many threads.</summary>
internal sealed class CollectionCatalog(IDocumentStore store, ModelCatalog models, AlbertSearchOptions options)
{
    private readonly ConcurrentDictionary<string, StoredCollection> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, StoredCollection> _byKey = new();

    /// <summary>Reads the collections, makes the default one when there is none, and checks that the configured models are those that built them.</summary>
    /// <exception cref="ModelMismatchException">A collection with documents was built with another model.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var collections = await store.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
        if (!collections.Any(collection => collection.Name == CollectionInfo.DefaultName))
        {
            Put(await store.CreateCollectionAsync(CollectionInfo.DefaultName, DefaultSettings(), cancellationToken).ConfigureAwait(false));
        }

        foreach (var collection in collections)
        {
            Put(await CheckModelAsync(collection, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>A collection by name.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public StoredCollection Get(string name) =>
        _byName.TryGetValue(name, out var collection) ? collection : throw new NotFoundException($"There is no collection '{name}'.");

    /// <summary>A collection by its key in the storage, or null when it was deleted.</summary>
    public StoredCollection? Find(long key) => _byKey.GetValueOrDefault(key);

    /// <summary>What makes a generation's vectors.</summary>
    public ITextEmbedder EmbedderOf(Generation generation) => models.Get(generation.Settings.ModelName).Embedder;

    /// <summary>Settings of a new generation by the configuration.</summary>
    public GenerationSettings DefaultSettings()
    {
        var embedder = models.Get(models.DefaultName).Embedder;
        return new GenerationSettings
        {
            ModelName = embedder.ModelName,
            ModelIdentity = embedder.ModelIdentity,
            Dimension = embedder.Dimension,
            Pooling = embedder.Pooling,
            Chunking = ChunkingSettings.From(options.Chunking),
            Index = new IndexSettings("flat"),
        };
    }

    private async Task<StoredCollection> CheckModelAsync(StoredCollection collection, CancellationToken cancellationToken)
    {
        var expected = collection.Name == CollectionInfo.DefaultName ? models.DefaultName : null;
        foreach (var generation in collection.Generations)
        {
            var built = generation.Settings;
            var name = expected ?? built.ModelName;
            if (models.Has(name) && models.Get(name).Embedder is var embedder && embedder.ModelIdentity == built.ModelIdentity)
            {
                // The same model under another name is the same model.
                if (name != built.ModelName)
                {
                    collection = await store.RenameModelAsync(generation.Key, name, cancellationToken).ConfigureAwait(false);
                }

                continue;
            }

            var counters = await store.CountAsync(collection.Key, cancellationToken).ConfigureAwait(false);
            if (counters.Documents > 0)
            {
                throw Mismatch(collection, built, name);
            }

            return await store.ReplaceEmptyGenerationAsync(collection.Key, DefaultSettings(), cancellationToken).ConfigureAwait(false);
        }

        return collection;
    }

    private ModelMismatchException Mismatch(StoredCollection collection, GenerationSettings built, string configured)
    {
        var now = models.Has(configured)
            ? $"the configured model is '{configured}' (identity {models.Get(configured).Embedder.ModelIdentity})"
            : $"the configuration names no model '{configured}'";
        return new ModelMismatchException(
            $"Collection '{collection.Name}' was built with model '{built.ModelName}' (identity {built.ModelIdentity}); {now}. " +
            "Vectors of two models can't be compared. Configure the model that built the collection (model folder, pooling and maximum length make its identity), or re-index the collection with the new one.");
    }

    private void Put(StoredCollection collection)
    {
        _byName[collection.Name] = collection;
        _byKey[collection.Key] = collection;
    }
}
