using System.Diagnostics;
using System.Text.Json;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Benchmarks;

/// <summary>
/// <c>tokenizer --model DIR [--file TEXT] [--seconds N]</c>: tokens a second on one thread, a line of the text a call.
/// Without a file it reads the English lines of <c>tests/golden/tokenizer.jsonl</c>, looked for from the working folder upwards.
/// </summary>
internal static class TokenizerBenchmark
{
    private const int Rounds = 5;

    public static int Run(BenchmarkArguments arguments)
    {
        var folder = arguments.Required("model");
        var loading = Stopwatch.StartNew();
        var tokenizer = TokenizerLoader.Load(folder);
        var loadMilliseconds = loading.Elapsed.TotalMilliseconds;
        var lines = arguments.Find("file") is { } file ? File.ReadAllLines(file) : GoldenLines();
        var buffer = new TokenBuffer();
        var seconds = arguments.Number("seconds", 2);

        // The first round warms up; the best of the others counts, because the machine may do other things.
        var (best, bestCharacters, allocated) = (0.0, 0.0, 0L);
        for (var round = 0; round <= Rounds; round++)
        {
            var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            var (characters, tokens) = (0L, 0L);
            while (watch.Elapsed.TotalSeconds < (double)seconds / Rounds)
            {
                foreach (var line in lines)
                {
                    buffer.Clear();
                    tokenizer.Tokenize(line, buffer);
                    tokens += buffer.Count;
                    characters += line.Length;
                }
            }

            var elapsed = watch.Elapsed.TotalSeconds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            if (round > 0 && characters / elapsed > bestCharacters)
            {
                (best, bestCharacters) = (tokens / elapsed, characters / elapsed);
            }
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "tokenizer",
            tokensPerSecond = Math.Round(best),
            charactersPerSecond = Math.Round(bestCharacters),
            lines = lines.Length,
            loadMilliseconds = Math.Round(loadMilliseconds),
            allocatedBytes = allocated,
        }));
        return 0;
    }

    private static string[] GoldenLines()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "golden", "tokenizer.jsonl");
            if (File.Exists(path))
            {
                return [.. File.ReadLines(path).Select(TextOf).Where(text => text.Length > 0 && text.All(char.IsAscii))];
            }
        }

        throw new FileNotFoundException("tests/golden/tokenizer.jsonl is not above the working folder; give a text by --file.");
    }

    private static string TextOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("text").GetString()!;
    }
}
