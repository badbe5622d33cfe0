using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings;

/// <summary>Reads the parts of a model folder, checks that they fit together, and makes a model of them.</summary>
internal static class EmbeddingModelLoader
{
    /// <summary>Loads a folder for an engine.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="options">How it is used.</param>
    /// <param name="createEngine">Makes the engine of weights and a number of threads. The weights are gone after the load: an engine copies what it needs.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged or of a kind that is not supported.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static EmbeddingModel Load(string folder, EmbeddingModelOptions options, Func<AlbertWeights, int, IEncoderEngine> createEngine)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options.Validate();
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(folder);
        AlbertWeights weights = checkpoint.Weights;
        ITokenizer tokenizer = TokenizerLoader.Load(folder);
        PoolingSettings settings = PoolingSettingsReader.Read(folder, weights.Config.HiddenSize);
        PoolingMode pooling = ChoosePooling(folder, weights, settings, options);
        int maxTokens = ChooseMaxTokens(folder, weights.Config, tokenizer, settings, options);
        CheckFit(folder, weights.Config, tokenizer, options);

        string name = options.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        string identity = ModelIdentity.Compute(folder, checkpoint, pooling, maxTokens, options.Precision);
        ClassificationHead? head = weights.Classifier is null ? null : new ClassificationHead(weights.Classifier);
        int threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var encoder = new BatchEncoder(createEngine(weights, threads), options.BatchTokens);
        return new EmbeddingModel(name, identity, tokenizer, encoder, head, pooling, maxTokens);
    }

    private static PoolingMode ChoosePooling(string folder, AlbertWeights weights, PoolingSettings settings, EmbeddingModelOptions options)
    {
        if (options.Pooling == PoolingMode.Pooler && weights.Pooler is null)
        {
            throw new ModelFormatException(folder, "the pooling 'pooler' was asked for, but the model has no pooler; set the pooling to mean or cls.");
        }

        return options.Pooling ?? settings.Mode ?? PoolingMode.Pooler;
    }

    private static int ChooseMaxTokens(string folder, AlbertConfig config, ITokenizer tokenizer, PoolingSettings settings, EmbeddingModelOptions options)
    {
        int maxTokens = Math.Min(config.MaxPositions, tokenizer.ModelMaxLength);
        maxTokens = Math.Min(maxTokens, settings.MaxSequenceLength ?? int.MaxValue);
        if (maxTokens < EmbeddingModelOptions.LeastMaxTokens)
        {
            throw new ModelFormatException(folder, $"max_position_embeddings, model_max_length and max_seq_length leave {maxTokens} tokens; at least {EmbeddingModelOptions.LeastMaxTokens} are needed.");
        }

        return Math.Min(maxTokens, options.MaxTokens ?? int.MaxValue);
    }

    private static void CheckFit(string folder, AlbertConfig config, ITokenizer tokenizer, EmbeddingModelOptions options)
    {
        if (tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new ModelFormatException(folder, $"the tokenizer has {tokenizer.VocabularySize} ids, but vocab_size is {config.VocabularySize}: the tokenizer belongs to another model.");
        }

        if ((long)options.BatchTokens * config.HiddenSize > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.BatchTokens, $"BatchTokens times hidden_size ({config.HiddenSize}) must be at most {Array.MaxLength}.");
        }
    }
}
