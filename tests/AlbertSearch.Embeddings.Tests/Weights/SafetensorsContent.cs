using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AlbertSearch.Embeddings.Tests.Weights;

/// <summary>A safetensors file taken apart, to be changed and written again.</summary>
internal sealed class SafetensorsContent
{
    /// <summary>The tensors in the order in which they are written.</summary>
    public List<Tensor> Tensors { get; } = [];

    public static SafetensorsContent Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var content = new SafetensorsContent();
        using var header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        foreach (JsonProperty property in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            int[] offsets = property.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
            content.Tensors.Add(new Tensor(
                property.Name,
                property.Value.GetProperty("dtype").GetString()!,
                property.Value.GetProperty("shape").Deserialize<long[]>()!,
                bytes[(8 + headerLength + offsets[0])..(8 + headerLength + offsets[1])]));
        }

        return content;
    }

    public void Write(string path)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        int offset = 0;
        foreach (Tensor tensor in Tensors)
        {
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.DataType,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(axis => JsonValue.Create(axis))]),
                ["data_offsets"] = new JsonArray(offset, offset + tensor.Bytes.Length),
            };
            offset += tensor.Bytes.Length;
        }

        using FileStream stream = File.Create(path);
        stream.Write(Frame(header.ToJsonString()));
        foreach (Tensor tensor in Tensors)
        {
            stream.Write(tensor.Bytes);
        }
    }

    /// <summary>Replaces a tensor, or the names of all with null for "any", by what <paramref name="change"/> makes of it.</summary>
    public void Change(string? name, Func<Tensor, Tensor> change)
    {
        int changed = 0;
        for (int i = 0; i < Tensors.Count; i++)
        {
            if (name is null || Tensors[i].Name == name)
            {
                Tensors[i] = change(Tensors[i]);
                changed++;
            }
        }

        Assert.NotEqual(0, changed);
    }

    /// <summary>A header's length and its JSON.</summary>
    public static byte[] Frame(string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] framed = new byte[8 + json.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(framed, (ulong)json.Length);
        json.CopyTo(framed, 8);
        return framed;
    }

    internal sealed record Tensor(string Name, string DataType, long[] Shape, byte[] Bytes)
    {
        public float[] Floats => [.. Bytes.Chunk(4).Select(bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes))];

        /// <summary>Rounds 32-bit elements to 16 bits.</summary>
        public Tensor ToHalf() => this with { DataType = "F16", Bytes = [.. Floats.SelectMany(value => BitConverter.GetBytes((Half)value))] };

        /// <summary>Rounds 32-bit elements to bfloat16, half to even.</summary>
        public Tensor ToBrain() => this with { DataType = "BF16", Bytes = [.. Floats.SelectMany(value => BitConverter.GetBytes(BrainBits(value)))] };

        public static ushort BrainBits(float value)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
