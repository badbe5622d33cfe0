using System.Diagnostics;
using System.Text.Json;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Benchmarks.Encoder;

/// <summary>
/// Throughput and latency of the encoder on lists of token ids: texts sorted by length, batches of 4,096 tokens, all states wanted (last hidden
/// state and pooler) unless <c>--outputs pooler</c> asks for what a search vector needs, the median of the rounds; and the median time of one text of each of the lengths 8 to 128.
/// </summary>
internal static class EncoderBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        var threads = arguments.Number("threads", 1);
        var rounds = arguments.Number("rounds", 3);
        var budget = arguments.Number("batch-tokens", 4096);
        var precision = arguments.Text("precision", "fp32");
        var texts = JsonSerializer.Deserialize<int[][]>(File.ReadAllBytes(arguments.Required("ids")))!.OrderBy(ids => ids.Length).ToArray();
        var pooler = arguments.Text("outputs", "all") switch
        {
            "all" => false,
            "pooler" => true,
            var other => throw new ArgumentException($"--outputs {other}: all (last hidden state and pooler) or pooler."),
        };
        using var engine = Open(arguments.Required("model"), threads, precision);
        var hidden = engine.Config.HiddenSize;

        var batches = Batches(texts, budget);
        var states = pooler ? null : new float[batches.Max(batch => batch.TokenCount) * hidden];
        var pooled = new float[batches.Max(batch => batch.Count) * hidden];
        var tokens = texts.Sum(ids => ids.Length);
        Encode(engine, batches[^1], states, pooled, BatchPriority.Bulk);
        var rates = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var batch in batches)
            {
                Encode(engine, batch, states, pooled, BatchPriority.Bulk);
            }

            rates.Add(tokens / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        var resident = Process.GetCurrentProcess().WorkingSet64 >> 20;
        var latencies = new SortedDictionary<int, double>();
        foreach (var length in (ReadOnlySpan<int>)[8, 16, 32, 64, 128])
        {
            var ids = texts.FirstOrDefault(text => text.Length >= length) ?? texts[^1];
            latencies[ids.Length] = Math.Round(Latency(engine, ids, states, pooled), 3);
        }

        var allocated = Allocated(engine, batches.MinBy(batch => batch.TokenCount)!, states, pooled);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "encoder",
            threads,
            precision,
            outputs = pooler ? "pooler" : "all",
            tokensPerSecond = Math.Round(Median(rates), 1),
            latency8Ms = latencies.First().Value,
            texts = texts.Length,
            tokens,
            latencyMs = latencies,
            residentMegabytes = resident,
            allocatedBytesPerCall = allocated,
        }));
        return 0;
    }

    private static AlbertEngine Open(string folder, int threads, string precision)
    {
        var parsed = precision switch
        {
            "fp32" => Precision.Fp32,
            "int8" => Precision.Int8,
            _ => throw new ArgumentException($"--precision {precision}: fp32 or int8."),
        };
        using var checkpoint = AlbertCheckpoint.Load(folder);
        return new AlbertEngine(checkpoint.Weights, new AlbertEngineOptions { Threads = threads, Precision = parsed });
    }

    private static List<RaggedBatch> Batches(int[][] texts, int budget)
    {
        var batches = new List<RaggedBatch>();
        var batch = new RaggedBatch();
        foreach (var ids in texts)
        {
            batch.Add(ids, new int[ids.Length]);
            if (batch.Count * ids.Length >= budget)
            {
                batches.Add(batch);
                batch = new RaggedBatch();
            }
        }

        if (batch.Count > 0)
        {
            batches.Add(batch);
        }

        return batches;
    }

    private static double Latency(AlbertEngine engine, int[] ids, float[]? states, float[] pooled)
    {
        var batch = new RaggedBatch();
        batch.Add(ids, new int[ids.Length]);
        var times = new List<double>();
        for (var i = 0; i < 40; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Encode(engine, batch, states, pooled, BatchPriority.Interactive);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return Median(times.Skip(15));
    }

    private static long Allocated(AlbertEngine engine, RaggedBatch batch, float[]? states, float[] pooled)
    {
        const int Calls = 5;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Calls; i++)
        {
            Encode(engine, batch, states, pooled, BatchPriority.Bulk);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
    }

    private static void Encode(AlbertEngine engine, RaggedBatch batch, float[]? states, float[] pooled, BatchPriority priority)
    {
        var hidden = engine.Config.HiddenSize;
        engine.Encode(
            batch,
            new EncoderOutputs
            {
                LastHiddenState = states is null ? default : states.AsMemory(0, batch.TokenCount * hidden),
                PoolerOutput = engine.HasPooler ? pooled.AsMemory(0, batch.Count * hidden) : default,
            },
            priority);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
