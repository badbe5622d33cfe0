using System.Globalization;
using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Embeddings.Tokenization.Unicode;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization.Unicode;

public class UnicodeNormalizationTests
{
    // ALBERTSEARCH_NORMALIZATION_TEST names the database's whole NormalizationTest.txt; the sample is every 40th line of it.
    private static readonly string Conformance = Environment.GetEnvironmentVariable("ALBERTSEARCH_NORMALIZATION_TEST")
        ?? Path.Combine(RepositoryFiles.Root, "tests", "AlbertSearch.Embeddings.Tests", "Tokenization", "Unicode", "normalization-sample.txt");

    [Fact]
    public void Normalize_conformance_lines_gives_every_form()
    {
        var lines = 0;
        foreach (var line in File.ReadLines(Conformance).Where(l => l.Length > 0 && l[0] is not ('#' or '@')))
        {
            var columns = line.Split(';')[..5].Select(Parse).ToArray();
            for (var i = 0; i < columns.Length; i++)
            {
                Assert.True(columns[i < 3 ? 1 : 3].SequenceEqual(Normalize(columns[i], compatibility: false, compose: true)), $"NFC of column {i + 1}: {line}");
                Assert.True(columns[i < 3 ? 2 : 4].SequenceEqual(Normalize(columns[i], compatibility: false, compose: false)), $"NFD of column {i + 1}: {line}");
                Assert.True(columns[3].SequenceEqual(Normalize(columns[i], compatibility: true, compose: true)), $"NFKC of column {i + 1}: {line}");
                Assert.True(columns[4].SequenceEqual(Normalize(columns[i], compatibility: true, compose: false)), $"NFKD of column {i + 1}: {line}");
            }

            lines++;
        }

        Assert.True(lines > 400, $"only {lines} lines");
    }

    [Fact]
    public void OrderCanonically_long_run_is_stable_and_equals_a_stable_sort()
    {
        int[] marks = [0x0301, 0x0316, 0x0345, 0x0334, 0x0300, 0x0327, 0x05B0, 0x3099];
        var random = new Random(7);
        for (var length = 2; length < 100; length++)
        {
            var run = Enumerable.Range(0, length).Select(_ => marks[random.Next(marks.Length)]).ToArray();
            var expected = run.OrderBy(c => UnicodeTables.CombiningClass(c)).ToArray();
            Assert.Equal(expected, Normalize(run, compatibility: false, compose: false));
        }
    }

    [Fact]
    public void OrderCanonically_marks_that_move_share_their_origin()
    {
        var buffer = new MappedBuffer<int>();
        int[] text = ['a', 0x0301, 0x0316, 'b', 0x0301];
        for (var i = 0; i < text.Length; i++)
        {
            buffer.Add(text[i], i, i + 1);
        }

        UnicodeNormalization.OrderCanonically(buffer);
        Assert.Equal(['a', 0x0316, 0x0301, 'b', 0x0301], buffer.Items.ToArray());
        Assert.Equal([0, 1, 1, 3, 4], buffer.Starts.ToArray());
        Assert.Equal([1, 3, 3, 4, 5], buffer.Ends.ToArray());
    }

    [Fact]
    public void Normalize_two_million_alternating_marks_is_done_at_once()
    {
        var text = new int[2_000_000];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = i % 2 == 0 ? 0x0301 : 0x0316;
        }

        var ordered = Normalize(text, compatibility: false, compose: true);
        Assert.Equal(0x0316, ordered[0]);
        Assert.Equal(0x0301, ordered[^1]);
        Assert.Equal(text.Length, ordered.Length);
    }

    private static int[] Normalize(IEnumerable<int> text, bool compatibility, bool compose)
    {
        var buffer = new MappedBuffer<int>();
        Span<int> scratch = stackalloc int[3];
        var place = 0;
        foreach (var codePoint in text)
        {
            buffer.AddRange(UnicodeNormalization.Decompose(codePoint, compatibility, scratch), place, ++place);
        }

        UnicodeNormalization.OrderCanonically(buffer);
        if (compose)
        {
            UnicodeNormalization.Compose(buffer);
        }

        return buffer.Items.ToArray();
    }

    private static int[] Parse(string column) => [.. column.Split(' ').Select(c => int.Parse(c, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
