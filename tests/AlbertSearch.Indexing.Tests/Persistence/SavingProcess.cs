using System.Globalization;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Indexing.Tests.Persistence;

/// <summary>A program that saves an index over one file again and again until it is killed; the test assembly's entry point.</summary>
internal static class SavingProcess
{
    public const int Dimension = 512;

    /// <summary>Vectors in the index before its first save; one more at each.</summary>
    public const int FirstCount = 3_000;

    public static readonly HnswOptions Options = new() { M = 4, EfConstruction = 8, RepairAt = 1 };

    /// <summary>The vector that a slot has, in every process.</summary>
    public static float[] VectorOf(int slot) => RandomVectors.Unit(new Random(slot), Dimension);

    /// <summary>Prints the sequence number of each save that has ended.</summary>
    /// <param name="arguments">The file.</param>
    public static void Main(string[] arguments)
    {
        if (arguments is not [var path])
        {
            throw new ArgumentException("Name the file to save; these tests are run by `dotnet test`.", nameof(arguments));
        }

        using var index = new HnswIndex(Dimension, Options);
        for (var slot = 0; slot < FirstCount; slot++)
        {
            index.Insert(slot, VectorOf(slot));
        }

        for (var sequence = FirstCount; ; sequence++)
        {
            index.Insert(sequence, VectorOf(sequence));
            index.Save(path, new IndexSnapshotInfo { ModelIdentity = "killed", AppliedSequence = sequence });
            Console.WriteLine(sequence.ToString(CultureInfo.InvariantCulture));
        }
    }
}
