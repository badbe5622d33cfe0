using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// <c>config.json</c> and <c>model.safetensors</c> of a Hugging Face ALBERT folder, checked. The weights are mapped from the file,
/// not copied, and die with this object: dispose it after everything that reads them. Safe for reading from many threads.
/// The file must not be changed in place while it is open; replace it by renaming another one over it.
/// </summary>
public sealed class AlbertCheckpoint : IDisposable
{
    private const string WeightsFile = "model.safetensors";

    private readonly SafetensorsFile _file;

    private AlbertCheckpoint(SafetensorsFile file, AlbertWeights weights)
    {
        _file = file;
        Weights = weights;
    }

    /// <summary>The tensors and sizes.</summary>
    public AlbertWeights Weights { get; }

    /// <summary>Opens a model folder; a tokenizer is not needed.</summary>
    /// <param name="folder">The folder of <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged or of a kind that is not supported.</exception>
    public static AlbertCheckpoint Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new ModelFormatException(folder, "there is no such model folder.");
        }

        AlbertConfig config = AlbertConfigReader.Read(folder);
        string path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path))
        {
            throw Missing(folder, path);
        }

        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            return new AlbertCheckpoint(file, AlbertWeightsReader.Read(file, config));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 over the bytes of <c>model.safetensors</c>.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] ComputeWeightsHash() => _file.ComputeHash();

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private static ModelFormatException Missing(string folder, string path)
    {
        if (File.Exists(path + ".index.json"))
        {
            return new ModelFormatException(path + ".index.json", $"the weights are sharded over several files, which is not supported; save the model as one {WeightsFile}.");
        }

        foreach (string other in (ReadOnlySpan<string>)["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.onnx"])
        {
            if (File.Exists(Path.Combine(folder, other)))
            {
                return new ModelFormatException(path, $"the file is missing, and {other} is not supported; convert it with transformers' save_pretrained(folder, safe_serialization=True).");
            }
        }

        return new ModelFormatException(path, "the file is missing.");
    }
}
