using System.Buffers.Binary;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Indexing.Tests.Persistence;

/// <summary>
/// Damages index files. What is loaded all the same must answer in range: slots that it holds, none twice, as many as it says.
/// The file is changed in place and restored.
/// </summary>
public static class IndexFileFuzzer
{
    private const int ChecksumOffset = 4092;
    private const int SectionsOffset = 336;
    private const int SectionBytes = 24;

    /// <summary>Changes one byte a round.</summary>
    /// <returns>Rounds in which the damage was detected.</returns>
    public static int FlipBytes(string path, int seed, int rounds)
    {
        var bytes = File.ReadAllBytes(path);
        var random = new Random(seed);
        var detected = 0;
        for (var round = 0; round < rounds; round++)
        {
            var position = random.Next(bytes.Length);
            var before = bytes[position];
            bytes[position] ^= (byte)random.Next(1, 256);
            detected += IsRefused(path, bytes) ? 1 : 0;
            bytes[position] = before;
        }

        File.WriteAllBytes(path, bytes);
        return detected;
    }

    /// <summary>Changes numbers and puts the checksums right, as somebody would who means harm.</summary>
    /// <returns>Rounds in which the file was refused.</returns>
    public static int Forge(string path, int seed, int rounds)
    {
        var original = File.ReadAllBytes(path);
        var random = new Random(seed);
        var refused = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = (byte[])original.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var position = random.Next(4) == 0 ? random.Next(8, SectionsOffset) : random.Next(4096, bytes.Length);
                var value = random.Next(5) switch
                {
                    0 => int.MaxValue,
                    1 => int.MinValue,
                    2 => -1,
                    3 => random.Next(-10, 1000),
                    _ => random.Next(),
                };
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Math.Min(position & ~3, bytes.Length - 4)), value);
            }

            if (random.Next(8) == 0)
            {
                Array.Resize(ref bytes, random.Next(4096, bytes.Length + 4096));
            }

            PutChecksumsRight(bytes);
            refused += IsRefused(path, bytes) ? 1 : 0;
        }

        File.WriteAllBytes(path, original);
        return refused;
    }

    /// <summary>Makes the checksums of all sections but the vectors, and the header's, those of what they hold now.</summary>
    public static void PutChecksumsRight(byte[] bytes)
    {
        for (var section = 0; section < (int)IndexSection.Vectors; section++)
        {
            var entry = bytes.AsSpan(SectionsOffset + (SectionBytes * section));
            var (offset, length) = (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
            if (offset >= 0 && length >= 0 && offset <= bytes.Length - length)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], Crc32C.Append(0, bytes.AsSpan((int)offset, (int)length)));
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumOffset), Crc32C.Append(0, bytes.AsSpan(0, ChecksumOffset)));
    }

    private static bool IsRefused(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        try
        {
            var (index, _) = HnswIndex.Load(path);
            using (index)
            {
                Use(index);
                index.VerifyVectors();
            }

            return false;
        }
        catch (IndexFormatException)
        {
            return true;
        }
    }

    private static void Use(HnswIndex index)
    {
        var query = new float[index.Dimension];
        query[0] = 1;
        query[^1] = -0.5f;
        var results = new Neighbor[8];
        foreach (var parameters in new[] { new VectorSearchParameters { Ef = 20 }, new VectorSearchParameters { Exact = true } })
        {
            var found = index.Search(query, parameters, results);
            var answers = results.Take(found).ToArray();
            if (found != Math.Min(index.Count, results.Length) || answers.DistinctBy(n => n.Slot).Count() != found || !answers.All(n => index.Contains(n.Slot)))
            {
                throw new InvalidOperationException($"A damaged file of {index.Count} vectors gave a wrong answer to {parameters}: {string.Join(", ", answers)}.");
            }
        }

        const int Slot = int.MaxValue - 5;
        if (!index.Contains(Slot))
        {
            index.Insert(Slot, query);
            index.Remove(Slot);
        }
    }
}
