using System.Diagnostics;
using System.Text.Json;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Benchmarks.Encoder;

/// <summary>
/// Where a batch's time goes, on one thread: milliseconds by stage, for one slice of a batch and for one text of 8 tokens. The activation is part
/// of the stage FeedForward, so the stages' share outside matrix products leaves it out; it is measured beside, alone.
/// </summary>
internal static class EncoderStagesBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        var precision = arguments.Text("precision", "fp32") == "int8" ? Precision.Int8 : Precision.Fp32;
        var texts = JsonSerializer.Deserialize<int[][]>(File.ReadAllBytes(arguments.Required("ids")))!.Where(ids => ids.Length is >= 10 and <= 40).ToArray();
        using var checkpoint = AlbertCheckpoint.Load(arguments.Required("model"));
        using var model = new PackedModel(checkpoint.Weights, precision);
        var batch = new RaggedBatch();
        foreach (var ids in texts)
        {
            if (batch.TokenCount < EncoderSlicing.FullSlice)
            {
                batch.Add(ids, new int[ids.Length]);
            }
        }

        Measure("slice", batch, model, arguments.Number("rounds", 20));
        batch.Clear();
        batch.Add(texts[0].AsSpan(0, 8), new int[8]);
        Measure("text8", batch, model, arguments.Number("rounds", 20) * 5);
        return 0;
    }

    private static void Measure(string work, RaggedBatch batch, PackedModel model, int rounds)
    {
        var hidden = model.Config.HiddenSize;
        using var pass = new EncoderPass(model);
        using var scratch = new ThreadScratch();
        var outputs = new EncoderOutputs { LastHiddenState = new float[batch.TokenCount * hidden], PoolerOutput = new float[batch.Count * hidden] };
        var ticks = new List<long>[Enum.GetValues<EncoderStage>().Length];
        for (var i = 0; i < ticks.Length; i++)
        {
            ticks[i] = [];
        }

        for (var round = 0; round < rounds; round++)
        {
            pass.Begin(batch, outputs, 0, batch.Count);
            Array.ForEach(ticks, list => list.Add(0));
            Stage(EncoderStage.Embed, null);
            Stage(EncoderStage.Map, null);
            foreach (var layer in model.Steps)
            {
                for (var stage = EncoderStage.QuantizeHidden; stage <= EncoderStage.OutputNorm; stage++)
                {
                    Stage(stage, layer);
                }
            }

            Stage(EncoderStage.Gather, null);
            Stage(EncoderStage.Pool, null);
        }

        void Stage(EncoderStage stage, PackedLayer? layer)
        {
            var start = Stopwatch.GetTimestamp();
            var units = pass.Units(stage, layer, lastLayer: false);
            if (units > 0)
            {
                pass.Run(stage, layer, lastLayer: false, 0, units, scratch.Reserve(pass.ThreadScratchLength()));
            }

            ticks[(int)stage][^1] += Stopwatch.GetTimestamp() - start;
        }

        var milliseconds = Enum.GetValues<EncoderStage>().ToDictionary(stage => stage.ToString(), stage => Math.Round(Median(ticks[(int)stage]) * 1000.0 / Stopwatch.Frequency, 3));
        var total = milliseconds.Values.Sum();
        string[] products = [nameof(EncoderStage.Map), nameof(EncoderStage.QueryKeyValue), nameof(EncoderStage.AttentionOutput), nameof(EncoderStage.FeedForward), nameof(EncoderStage.FeedForwardOutput), nameof(EncoderStage.Pool)];
        var outside = total - products.Sum(name => milliseconds[name]);
        var activation = Activation(batch.TokenCount, model);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "encoder-stages",
            work,
            tokens = batch.TokenCount,
            totalMs = Math.Round(total, 2),
            activationMs = Math.Round(activation, 2),
            outsideProductsShare = Math.Round((outside + activation) / total, 3),
            stageMs = milliseconds,
        }));
    }

    // The activations of all layers, alone on states that are in the first-level cache, as in the product's epilogue.
    private static double Activation(int tokens, PackedModel model)
    {
        var values = new float[32];
        var calls = (long)tokens * model.Config.IntermediateSize / values.Length * model.Steps.Length;
        var times = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (long i = 0; i < calls; i++)
            {
                AlbertSearch.Embeddings.Kernels.Activation.Apply(AlbertSearch.Embeddings.Kernels.TileActivation.GeluTanh, values);
            }

            times.Add(Stopwatch.GetTimestamp() - start);
        }

        return Median(times) * 1000.0 / Stopwatch.Frequency;
    }

    private static long Median(List<long> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
