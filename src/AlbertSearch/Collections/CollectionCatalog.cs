using System.Collections.Concurrent;
using System.Text.Json;
using AlbertSearch.Errors;
using AlbertSearch.Models;
using AlbertSearch.Storage;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Collections;

/// <summary>The collections and the models of their generations, in memory: they change seldom and every request asks. Safe for use from many threads.</summary>
internal sealed class CollectionCatalog(IDocumentStore store, ModelCatalog models, AlbertSearchOptions options, ILogger<CollectionCatalog> logger)
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
    public ITextEmbedder EmbedderOf(Generation generation) => ModelOf(generation).Embedder;

    /// <summary>The model of a generation, with its pooling.</summary>
    public LoadedModel ModelOf(Generation generation) => models.Get(generation.Settings.ModelName, generation.Settings.Pooling);

    /// <summary>All collections, in the order of their names.</summary>
    public IReadOnlyList<StoredCollection> All => [.. _byName.Values.OrderBy(collection => collection.Name, StringComparer.Ordinal)];

    /// <summary>Makes a collection, or returns the one that has the name and the settings.</summary>
    /// <exception cref="InvalidRequestException">The name or a setting is not allowed.</exception>
    /// <exception cref="ConflictException">The collection is there with other settings.</exception>
    public async Task<StoredCollection> CreateAsync(string name, CollectionSettings settings, CancellationToken cancellationToken)
    {
        CollectionName.Check(name);
        var wanted = await Task.Run(() => Settings(settings), cancellationToken).ConfigureAwait(false);
        var collection = await store.CreateCollectionAsync(name, wanted, cancellationToken).ConfigureAwait(false);
        if (collection.Generations.All(generation => generation.Settings != wanted))
        {
            throw new ConflictException($"Collection '{name}' is there with other settings; settings are changed by re-indexing.");
        }

        Put(collection);
        return collection;
    }

    /// <summary>Forgets a collection.</summary>
    public void Remove(StoredCollection collection)
    {
        _byName.TryRemove(new KeyValuePair<string, StoredCollection>(collection.Name, collection));
        _byKey.TryRemove(collection.Key, out _);
    }

    /// <summary>Settings of a new generation by the configuration.</summary>
    public GenerationSettings DefaultSettings() => Settings(new CollectionSettings());

    private GenerationSettings Settings(CollectionSettings settings)
    {
        var model = settings.Model ?? models.DefaultName;
        if (!models.Has(model))
        {
            throw new InvalidRequestException(
                ErrorCodes.InvalidValue, "model", $"There is no model '{model}'; configured are: {string.Join(", ", models.Names.Order(StringComparer.Ordinal))}.");
        }

        var chunking = settings.Chunking ?? options.Chunking;
        if (chunking.MaxTokens is not (0 or >= 8) || chunking.OverlapTokens < 0 || (chunking.MaxTokens > 0 && chunking.OverlapTokens * 2L >= chunking.MaxTokens))
        {
            throw new InvalidRequestException(
                ErrorCodes.InvalidValue, "chunking", $"chunking has maxTokens {chunking.MaxTokens} and overlapTokens {chunking.OverlapTokens}; maxTokens is 8 or more, or 0 for the model's own limit, and overlapTokens less than half of it.");
        }

        var index = settings.Index ?? new IndexSettings();
        foreach (var (name, value, allowed) in index.Over(options.Index).Faults())
        {
            var field = $"index.{JsonNamingPolicy.CamelCase.ConvertName(name)}";
            throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} is '{value}'; allowed: {allowed}.");
        }

        var embedder = models.Get(model, settings.Pooling).Embedder;
        return new GenerationSettings
        {
            ModelName = embedder.ModelName,
            ModelIdentity = embedder.ModelIdentity,
            Dimension = embedder.Dimension,
            Pooling = embedder.Pooling,
            Chunking = ChunkingSettings.From(chunking),
            Index = index,
        };
    }

    private async Task<StoredCollection> CheckModelAsync(StoredCollection collection, CancellationToken cancellationToken)
    {
        // The default collection is meant to have the configured model and pooling; others have what they were made with.
        var isDefault = collection.Name == CollectionInfo.DefaultName;
        foreach (var generation in collection.Generations)
        {
            var built = generation.Settings;
            var name = isDefault ? models.DefaultName : built.ModelName;
            var cutsAlike = !isDefault || built.Chunking == ChunkingSettings.From(options.Chunking);
            if (models.Has(name) && models.Get(name, isDefault ? null : built.Pooling).Embedder is var embedder && embedder.ModelIdentity == built.ModelIdentity)
            {
                // The same model under another name is the same model.
                if (name != built.ModelName)
                {
                    collection = await store.RenameModelAsync(generation.Key, name, cancellationToken).ConfigureAwait(false);
                }

                if (cutsAlike)
                {
                    continue;
                }

                if (await IsFilledAsync(collection, cancellationToken).ConfigureAwait(false))
                {
                    logger.LogWarning(
                        "Collection '{Collection}' was built with {Built} and keeps that; the configured {Configured} holds for collections that are empty or re-indexed.",
                        collection.Name,
                        built.Chunking,
                        ChunkingSettings.From(options.Chunking));
                    continue;
                }
            }
            else if (await IsFilledAsync(collection, cancellationToken).ConfigureAwait(false))
            {
                throw Mismatch(collection, built, name);
            }

            return await store.ReplaceEmptyGenerationAsync(collection.Key, DefaultSettings(), cancellationToken).ConfigureAwait(false);
        }

        return collection;
    }

    private async Task<bool> IsFilledAsync(StoredCollection collection, CancellationToken cancellationToken) =>
        (await store.CountAsync(collection.Key, cancellationToken).ConfigureAwait(false)).Documents > 0;

    private ModelMismatchException Mismatch(StoredCollection collection, GenerationSettings built, string configured)
    {
        var now = models.Has(configured)
            ? $"the configured model is '{configured}' (identity {models.Get(configured).Embedder.ModelIdentity})"
            : $"the configuration names no model '{configured}'";
        return new ModelMismatchException(
            $"Collection '{collection.Name}' was built with model '{built.ModelName}' (identity {built.ModelIdentity}); {now}. " +
            "Vectors of two models can't be compared. Configure the model that built the collection (model folder, pooling, maximum length and precision make its identity), or re-index the collection with the new one.");
    }

    private void Put(StoredCollection collection)
    {
        _byName[collection.Name] = collection;
        _byKey[collection.Key] = collection;
    }
}
