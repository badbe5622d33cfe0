using System.Text.Json;

namespace AlbertSearch.Embeddings.Weights;

/// <summary>
/// The header of a safetensors file: 8 bytes of length (little-endian), then that many bytes of JSON, then the tensors' bytes.
/// Format: https://github.com/huggingface/safetensors#format. As there, the tensors must cover all bytes, without gaps or overlaps.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes before the JSON.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Most bytes of JSON. An ALBERT's header takes a few thousand; the format's own limit is 100 MB.</summary>
    public const int MaxJsonBytes = 16 << 20;

    private const int MaxNameCharacters = 1024;
    private const int MaxRank = 8;

    /// <summary>Checks a header's claimed length.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="claimed">What the first 8 bytes say.</param>
    /// <param name="fileLength">Bytes in the file.</param>
    /// <returns>The length of the JSON.</returns>
    /// <exception cref="ModelFormatException">It is more than the file or the limit holds.</exception>
    public static int CheckLength(string path, ulong claimed, long fileLength)
    {
        if (claimed > MaxJsonBytes)
        {
            throw new ModelFormatException(path, $"the header claims {claimed} bytes; at most {MaxJsonBytes} are allowed, and the whole file has {fileLength}.");
        }

        if (claimed > (ulong)(fileLength - PrefixBytes))
        {
            throw new ModelFormatException(path, $"the header claims {claimed} bytes, but only {fileLength - PrefixBytes} follow its length in a file of {fileLength} bytes: the file is truncated.");
        }

        return (int)claimed;
    }

    /// <summary>Parses and checks the JSON.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header's JSON.</param>
    /// <param name="dataLength">Bytes after the header.</param>
    /// <returns>The tensors by name.</returns>
    /// <exception cref="ModelFormatException">The header contradicts itself, the format or the file.</exception>
    public static IReadOnlyDictionary<string, SafetensorsEntry> Parse(string path, ReadOnlyMemory<byte> json, long dataLength)
    {
        using JsonDocument document = ModelJsonFile.Parse(path, "the header ", json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(path, "the header must be a JSON object.");
        }

        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.NameEquals("__metadata__"u8))
            {
                continue;
            }

            string name = property.Name;
            if (name.Length is 0 or > MaxNameCharacters)
            {
                throw new ModelFormatException(path, $"the header names a tensor with {name.Length} characters; 1 to {MaxNameCharacters} are allowed.");
            }

            entries.Add(name, ParseEntry(path, name, property.Value, dataLength));
        }

        CheckCoverage(path, entries.Values, dataLength);
        return entries;
    }

    private static SafetensorsEntry ParseEntry(string path, string name, JsonElement element, long dataLength)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(path, $"tensor '{name}' is {ModelJsonObject.Show(element)} in the header; an object with dtype, shape and data_offsets is needed.");
        }

        var fields = new ModelJsonObject(path, element);
        string dataType = fields.String("dtype") ?? throw new ModelFormatException(path, $"tensor '{name}' has no dtype.");
        List<long> shape = Integers(path, name, "shape", element);
        if (shape.Count > MaxRank)
        {
            throw new ModelFormatException(path, $"tensor '{name}' has {shape.Count} axes; at most {MaxRank} are allowed.");
        }

        List<long> offsets = Integers(path, name, "data_offsets", element);
        if (offsets.Count != 2 || offsets[0] > offsets[1])
        {
            throw new ModelFormatException(path, $"tensor '{name}' has data_offsets [{string.Join(", ", offsets.Take(4))}]; a begin and an end that is no less are needed.");
        }

        if (offsets[1] > dataLength)
        {
            throw new ModelFormatException(path, $"tensor '{name}' ends at byte {offsets[1]} of the data, but the file has {dataLength}: it is truncated.");
        }

        CheckSize(path, name, dataType, shape, offsets[1] - offsets[0]);
        return new SafetensorsEntry(name, dataType, shape, offsets[0], offsets[1]);
    }

    private static List<long> Integers(string path, string name, string field, JsonElement element)
    {
        if (!element.TryGetProperty(field, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new ModelFormatException(path, $"tensor '{name}' has no list {field}.");
        }

        var values = new List<long>(Math.Min(list.GetArrayLength(), MaxRank));
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long value) || value < 0)
            {
                throw new ModelFormatException(path, $"tensor '{name}' has {ModelJsonObject.Show(item)} in {field}; integers from 0 to {long.MaxValue} are allowed.");
            }

            values.Add(value);
        }

        return values;
    }

    private static void CheckSize(string path, string name, string dataType, List<long> shape, long bytes)
    {
        if (ElementSize(dataType) is not { } elementSize)
        {
            return;
        }

        // A zero anywhere makes the product zero, whatever the other axes say.
        Int128 expected = shape.Contains(0) ? 0 : elementSize;
        foreach (long axis in shape)
        {
            expected *= axis;
            if (expected > long.MaxValue)
            {
                break;
            }
        }

        if (expected != bytes)
        {
            throw new ModelFormatException(path, $"tensor '{name}' of type {dataType} and shape [{string.Join(", ", shape)}] needs {expected} bytes, but its data_offsets hold {bytes}.");
        }
    }

    private static int? ElementSize(string dataType) => dataType switch
    {
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or "F32" => 4,
        "U64" or "I64" or "F64" => 8,
        _ => null,
    };

    private static void CheckCoverage(string path, IEnumerable<SafetensorsEntry> entries, long dataLength)
    {
        long covered = 0;
        string previous = "the header";
        foreach (SafetensorsEntry entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != covered)
            {
                string fault = entry.Begin < covered ? "overlaps" : "leaves a gap after";
                throw new ModelFormatException(path, $"tensor '{entry.Name}' begins at byte {entry.Begin} of the data and {fault} {previous}, which ends at {covered}.");
            }

            covered = entry.End;
            previous = $"tensor '{entry.Name}'";
        }

        if (covered != dataLength)
        {
            throw new ModelFormatException(path, $"the tensors end at byte {covered} of the data, but the file has {dataLength}.");
        }
    }
}
