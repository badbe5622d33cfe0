using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Tests.Bulk;

public class CsvDocumentsTests
{
    private static readonly LimitOptions Limits = new() { LineBytes = 2_000 };

    [Fact]
    public async Task Columns_become_id_text_and_metadata()
    {
        var lines = await ReadAsync("\uFEFFlang,id,text,year\r\nen,a,\"One, \"\"two\"\",\r\nthree\",2020\r\n\r\n,b,Plain,\r\nde,,No id,1\r\n");

        Assert.Equal([2L, 5, 6], lines.Select(line => line.Number));
        Assert.Equal(["a", "b", null], lines.Select(line => line.Document!.Id));
        Assert.Equal(["One, \"two\",\r\nthree", "Plain", "No id"], lines.Select(line => line.Document!.Text));
        Assert.Equal(["""{"lang":"en","year":"2020"}""", null, """{"lang":"de","year":"1"}"""], lines.Select(line => line.Document!.Metadata?.GetRawText()));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(700, 700)]
    public async Task Rest_of_a_body_is_numbered_from_the_line_that_follows_the_header_row(long fromLine, long number)
    {
        using var stream = new MemoryStream("id,text\na,One.\nb,Two.\n"u8.ToArray());

        Assert.Equal([number, number + 1], await CsvDocuments.ReadAsync(stream, Limits, fromLine: fromLine).Select(line => line.Number).ToListAsync());
    }

    [Fact]
    public async Task Columns_can_be_named()
    {
        var line = Assert.Single(await ReadAsync("key,body,id\n1,Text,meta", idColumn: "key", textColumn: "body"));

        Assert.Equal(("1", "Text", """{"id":"meta"}"""), (line.Document!.Id, line.Document.Text, line.Document.Metadata!.Value.GetRawText()));
    }

    [Theory]
    [InlineData("id,body\n1,x", ErrorCodes.MissingField)]
    [InlineData("id,text,text\n1,x,y", ErrorCodes.InvalidValue)]
    [InlineData("id,text,\n1,x,y", ErrorCodes.Empty)]
    [InlineData("id,\"text\n1,x", ErrorCodes.InvalidValue)]
    [InlineData("id,text\r1,x\r2,y\r", ErrorCodes.InvalidValue)]
    public async Task Header_row_with_a_fault_is_refused(string csv, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(csv))).Code);

    [Fact]
    public async Task Header_row_alone_and_nothing_hold_no_documents()
    {
        Assert.Empty(await ReadAsync("id,text\n"));
        Assert.Empty(await ReadAsync(""));
    }

    [Fact]
    public async Task Bad_lines_are_reported_and_the_others_read()
    {
        byte[] csv =
        [
            .. "id,text\n1,good\n2\n3,good,more\n4,go\"od\n5,\"go\"od\n6,caf"u8, 0xE9, .. "\n7,good\n8,"u8,
            .. Encoding.UTF8.GetBytes(new string('x', 3_000)), .. "\n9,\"never closed\n10,good\n11,good"u8,
        ];

        var lines = await ReadAsync(csv);

        Assert.Equal(["1", "7", "10", "11"], lines.Where(line => line.Document is not null).Select(line => line.Document!.Id));
        Assert.Equal(
            [(3L, ErrorCodes.InvalidValue), (4, ErrorCodes.InvalidValue), (5, ErrorCodes.InvalidValue), (6, ErrorCodes.InvalidValue), (7, ErrorCodes.InvalidUtf8), (9, ErrorCodes.TooLong), (10, ErrorCodes.InvalidValue)],
            lines.Where(line => line.Failure is not null).Select(line => (line.Number, line.Failure!.Code)));
        Assert.Equal(6, lines.Single(line => line.Failure?.Code == ErrorCodes.InvalidUtf8).Failure!.Column);
    }

    [Fact]
    public async Task Carriage_return_that_stands_alone_hides_no_record()
    {
        var lines = await ReadAsync("id,text\n1,one\r2,two\n3,\"th\rree\"\r\r\n4,four\r\n");

        Assert.Equal([(2L, ErrorCodes.InvalidValue)], lines.Where(line => line.Failure is not null).Select(line => (line.Number, line.Failure!.Code)));
        Assert.Equal([("3", "th\rree"), ("4", "four")], lines.Where(line => line.Document is not null).Select(line => (line.Document!.Id!, line.Document.Text)));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(100, 98)]
    public async Task Record_of_several_lines_ends_where_the_rest_of_the_body_begins(int? fromLine, long shift)
    {
        using var stream = new MemoryStream("id,text\na,\"One\ntwo\nthree\"\nb,\"Good\nbut\",too many\nc,\"open\nd,One.\n"u8.ToArray());

        var lines = await CsvDocuments.ReadAsync(stream, Limits, fromLine: fromLine).Select(line => (line.Number - shift, line.LastNumber - shift)).ToListAsync();

        Assert.Equal([(2L, 4L), (5, 6), (7, 7), (8, 8)], lines);
    }

    [Fact]
    public async Task Quote_that_is_never_closed_costs_one_line_among_many()
    {
        var csv = new StringBuilder("id,text\n");
        for (var i = 0; i < 5_000; i++)
        {
            csv.Append(i % 1_000 == 500 ? $"{i},\"open\n" : $"{i},\"closed\"\n");
        }

        var lines = await ReadAsync(csv.ToString());

        Assert.Equal(5, lines.Count(line => line.Failure is not null));
        Assert.Equal(4_995, lines.Count(line => line.Document is not null));
    }

    [Fact]
    public async Task Random_records_come_back_as_written()
    {
        var random = new Random(7);
        var texts = Enumerable.Range(0, 500).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => "a\",\n\r \té"[random.Next(8)]))).ToList();
        var csv = "text,id\n" + string.Join("\r\n", texts.Select((text, i) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{i}"));

        var lines = await ReadAsync(csv);

        Assert.Equal(texts, lines.Select(line => line.Document?.Text));
    }

    private static Task<List<ImportedLine>> ReadAsync(string csv, string? idColumn = null, string? textColumn = null) => ReadAsync(Encoding.UTF8.GetBytes(csv), idColumn, textColumn);

    private static async Task<List<ImportedLine>> ReadAsync(byte[] csv, string? idColumn = null, string? textColumn = null)
    {
        using var stream = new MemoryStream(csv);
        var lines = new List<ImportedLine>();
        await foreach (var line in CsvDocuments.ReadAsync(stream, Limits, idColumn, textColumn))
        {
            lines.Add(line);
        }

        return lines;
    }
}
