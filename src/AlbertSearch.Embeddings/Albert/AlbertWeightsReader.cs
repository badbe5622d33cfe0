using System.Globalization;
using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// Finds an ALBERT's tensors in a safetensors file by Hugging Face's names, with or without the prefix <c>albert.</c>, and checks
/// their shapes. Tensors of other names (language-model heads, position ids) are ignored.
/// </summary>
internal static class AlbertWeightsReader
{
    private const string ModelPrefix = "albert.";
    private const string WordEmbeddings = "embeddings.word_embeddings.weight";

    /// <summary>Reads the tensors that a config asks for.</summary>
    /// <exception cref="ModelFormatException">One is missing, misshapen or of a type that is not supported.</exception>
    public static AlbertWeights Read(SafetensorsFile file, AlbertConfig config)
    {
        string prefix = file.Contains(ModelPrefix + WordEmbeddings) ? ModelPrefix : "";
        string embeddings = prefix + "embeddings.";
        int hidden = config.HiddenSize;
        return new AlbertWeights
        {
            Config = config,
            WordEmbeddings = file.Tensor(prefix + WordEmbeddings, config.VocabularySize, config.EmbeddingSize),
            PositionEmbeddings = file.Tensor(embeddings + "position_embeddings.weight", config.MaxPositions, config.EmbeddingSize),
            TokenTypeEmbeddings = file.Tensor(embeddings + "token_type_embeddings.weight", config.TypeVocabularySize, config.EmbeddingSize),
            EmbeddingNorm = Norm(file, embeddings + "LayerNorm", config.EmbeddingSize),
            EmbeddingMapping = Linear(file, prefix + "encoder.embedding_hidden_mapping_in", hidden, config.EmbeddingSize),
            Groups = Groups(file, prefix, config),
            Pooler = Pooler(file, prefix, config),
            Classifier = config.Task == ClassificationTask.None ? null : Linear(file, "classifier", config.Labels.Count, hidden),
        };
    }

    private static List<IReadOnlyList<AlbertLayerWeights>> Groups(SafetensorsFile file, string prefix, AlbertConfig config)
    {
        var groups = new List<IReadOnlyList<AlbertLayerWeights>>();
        for (int group = 0; group < config.HiddenGroups; group++)
        {
            var layers = new List<AlbertLayerWeights>();
            for (int layer = 0; layer < config.InnerGroupLayers; layer++)
            {
                layers.Add(Layer(file, string.Create(CultureInfo.InvariantCulture, $"{prefix}encoder.albert_layer_groups.{group}.albert_layers.{layer}."), config));
            }

            groups.Add(layers);
        }

        return groups;
    }

    private static AlbertLayerWeights Layer(SafetensorsFile file, string prefix, AlbertConfig config)
    {
        int hidden = config.HiddenSize;
        return new AlbertLayerWeights
        {
            Query = Linear(file, prefix + "attention.query", hidden, hidden),
            Key = Linear(file, prefix + "attention.key", hidden, hidden),
            Value = Linear(file, prefix + "attention.value", hidden, hidden),
            AttentionOutput = Linear(file, prefix + "attention.dense", hidden, hidden),
            AttentionNorm = Norm(file, prefix + "attention.LayerNorm", hidden),
            FeedForward = Linear(file, prefix + "ffn", config.IntermediateSize, hidden),
            FeedForwardOutput = Linear(file, prefix + "ffn_output", hidden, config.IntermediateSize),
            OutputNorm = Norm(file, prefix + "full_layer_layer_norm", hidden),
        };
    }

    /// <summary>Token classifiers and some encoders are saved without a pooler; a sequence classifier stands on one.</summary>
    private static LinearWeights? Pooler(SafetensorsFile file, string prefix, AlbertConfig config)
    {
        string name = prefix + "pooler";
        bool present = file.Contains(name + ".weight") || file.Contains(name + ".bias");
        return present || config.Task == ClassificationTask.Sequence ? Linear(file, name, config.HiddenSize, config.HiddenSize) : null;
    }

    private static LinearWeights Linear(SafetensorsFile file, string name, int outputs, int inputs) =>
        new(file.Tensor(name + ".weight", outputs, inputs), file.Tensor(name + ".bias", outputs));

    private static NormWeights Norm(SafetensorsFile file, string name, int width) =>
        new(file.Tensor(name + ".weight", width), file.Tensor(name + ".bias", width));
}
