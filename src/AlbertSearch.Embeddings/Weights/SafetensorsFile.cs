using System.Buffers.Binary;
using System.Security.Cryptography;
using AlbertSearch.Embeddings.Memory;

namespace AlbertSearch.Embeddings.Weights;

/// <summary>A safetensors file, mapped into memory. The tensors that it hands out die with it. Safe for reading from many threads.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private const int HashBlockBytes = 1 << 24;

    private readonly MappedFile _file;
    private readonly IReadOnlyDictionary<string, SafetensorsEntry> _entries;
    private readonly long _dataStart;

    private SafetensorsFile(MappedFile file, IReadOnlyDictionary<string, SafetensorsEntry> entries, long dataStart)
    {
        _file = file;
        _entries = entries;
        _dataStart = dataStart;
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="ModelFormatException">It is missing, truncated or not a safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            if (file.Length < SafetensorsHeader.PrefixBytes)
            {
                throw new ModelFormatException(path, $"has {file.Length} bytes; a safetensors file begins with {SafetensorsHeader.PrefixBytes} bytes of header length.");
            }

            ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, SafetensorsHeader.PrefixBytes).Span);
            int jsonLength = SafetensorsHeader.CheckLength(path, claimed, file.Length);
            long dataStart = SafetensorsHeader.PrefixBytes + jsonLength;
            var entries = SafetensorsHeader.Parse(path, file.Slice(SafetensorsHeader.PrefixBytes, jsonLength), file.Length - dataStart);
            return new SafetensorsFile(file, entries, dataStart);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>A tensor that must be there, with its shape and a type that can be computed with.</summary>
    /// <exception cref="ModelFormatException">It is missing, has another shape, or is of a type other than F32, F16 and BF16.</exception>
    public WeightTensor Tensor(string name, params ReadOnlySpan<int> shape)
    {
        if (!_entries.TryGetValue(name, out SafetensorsEntry? entry))
        {
            throw new ModelFormatException(Path, $"tensor '{name}' of shape [{string.Join(", ", shape.ToArray())}] is missing.");
        }

        bool same = entry.Shape.Count == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
        {
            same = entry.Shape[i] == shape[i];
        }

        if (!same)
        {
            throw new ModelFormatException(Path, $"tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], but config.json asks for [{string.Join(", ", shape.ToArray())}].");
        }

        WeightDataType dataType = entry.DataType switch
        {
            "F32" => WeightDataType.F32,
            "F16" => WeightDataType.F16,
            "BF16" => WeightDataType.BF16,
            _ => throw new ModelFormatException(Path, $"tensor '{name}' is of type {entry.DataType}; F32, F16 and BF16 are supported."),
        };
        long length = entry.End - entry.Begin;
        if (length > int.MaxValue)
        {
            throw new ModelFormatException(Path, $"tensor '{name}' takes {length} bytes; at most {int.MaxValue} are supported.");
        }

        return new WeightTensor(name, dataType, shape.ToArray(), _file.Slice(_dataStart + entry.Begin, (int)length));
    }

    /// <summary>SHA-256 over the whole file.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long offset = 0; offset < _file.Length; offset += HashBlockBytes)
        {
            hash.AppendData(_file.Slice(offset, (int)Math.Min(HashBlockBytes, _file.Length - offset)).Span);
        }

        return hash.GetHashAndReset();
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
