using System.Buffers.Binary;
using System.Text;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Tests;

/// <summary>Mutated files load or end in <see cref="ModelFormatException"/>: no other exception, and no memory to speak of.</summary>
public sealed class ModelFolderFuzzTests
{
    private const int Seed = 20_240_713;

    // Reading a tiny model allocates well below this; a believed claim of a size would go far beyond.
    private const long MaxAllocatedBytes = 32 << 20;

    private static readonly string[] Tokens =
        ["0", "-1", "1", "9223372036854775807", "2147483648", "1e999", "null", "true", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[[", ",", ":", "}", "\"", "\"F64\"", "\"shape\"", "\u0000", "é", "NaN"];

    [Fact]
    public void Safetensors_mutated_headers_and_data_load_or_are_refused()
    {
        using var model = new TinyModelFolder("tiny-seq-cls");
        byte[] original = File.ReadAllBytes(model.WeightsFile);
        int header = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(original);
        Fuzz(800, (random, round) =>
        {
            // Most mutations hit the header; the rest of the file holds only numbers.
            byte[] mutated = round % 10 == 0
                ? Cut(original, random)
                : [.. FixLength(Mutate(original[..header], random), random), .. original[header..]];
            File.WriteAllBytes(model.WeightsFile, mutated);
            using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(model.Folder);
            ReadAll(checkpoint.Weights);
        });
    }

    [Fact]
    public void Config_mutated_loads_or_is_refused()
    {
        using var model = new TinyModelFolder("tiny-seq-cls");
        byte[] original = File.ReadAllBytes(model.ConfigFile);
        Fuzz(400, (random, _) =>
        {
            File.WriteAllBytes(model.ConfigFile, Mutate(original, random));
            using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(model.Folder);
        });
    }

    [Theory]
    [InlineData("1_Pooling/config.json", """{"word_embedding_dimension": 48, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": false}""")]
    [InlineData("1_Pooling/config.json", """{"embedding_dimension": 48, "pooling_mode": "mean", "include_prompt": true}""")]
    [InlineData("modules.json", """[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]""")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 24, "do_lower_case": false}""")]
    public void Pooling_settings_mutated_load_or_are_refused(string name, string json)
    {
        using var model = new TinyModelFolder();
        byte[] original = Encoding.UTF8.GetBytes(json);
        model.Write(name, json);
        Fuzz(200, (random, _) =>
        {
            File.WriteAllBytes(Path.Combine(model.Folder, name), Mutate(original, random));
            PoolingSettingsReader.Read(model.Folder, hiddenSize: 48);
        });
    }

    private static void Fuzz(int rounds, Action<Random, int> attempt)
    {
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            var random = new Random(Seed + round);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                attempt(random, round);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {Seed + round}: {e}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocatedBytes, $"Seed {Seed + round} allocated {allocated} bytes.");
        }

        Assert.True(refused > rounds / 4, $"Only {refused} of {rounds} mutations were refused: they change too little.");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        for (int edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 4:
                    ReplaceNumber(bytes, at, random);
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Replaces the digits at or after a place by another value.</summary>
    private static void ReplaceNumber(List<byte> bytes, int at, Random random)
    {
        int start = bytes.FindIndex(at, b => char.IsAsciiDigit((char)b));
        if (start >= 0)
        {
            int end = bytes.FindIndex(start, b => !char.IsAsciiDigit((char)b));
            bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
            bytes.InsertRange(start, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
        }
    }

    private static byte[] Cut(byte[] original, Random random) => original[..random.Next(original.Length)];

    /// <summary>Makes the length true again, most of the time, so that the JSON is looked at.</summary>
    private static byte[] FixLength(byte[] header, Random random)
    {
        if (header.Length >= 8 && random.Next(4) > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - 8));
        }

        return header;
    }

    /// <summary>Touches tensors from end to end: one that reached past the file would fault.</summary>
    private static void ReadAll(AlbertWeights weights)
    {
        foreach (WeightTensor tensor in (ReadOnlySpan<WeightTensor>)[weights.WordEmbeddings, weights.Groups[0][0].FeedForward.Weight, weights.Pooler!.Bias])
        {
            Assert.Equal(tensor.Shape.Aggregate(1, (product, axis) => product * axis), tensor.ToArray().Length);
        }
    }
}
