using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;

namespace AlbertSearch.Server.Tests.Requests;

public class StrictJsonReaderTests
{
    private static readonly LimitOptions Limits = new();

    [Theory]
    [InlineData("", ErrorCodes.InvalidJson, null, null)]
    [InlineData("  ", ErrorCodes.InvalidJson, null, 3)]
    [InlineData("nope", ErrorCodes.InvalidJson, null, 2)]
    [InlineData("[]", ErrorCodes.InvalidValue, null, 1)]
    [InlineData("null", ErrorCodes.InvalidValue, null, 1)]
    [InlineData("{", ErrorCodes.InvalidJson, null, 2)]
    [InlineData("""{"text":"a" """, ErrorCodes.InvalidJson, null, 13)]
    [InlineData("""{"text":"a"}x""", ErrorCodes.InvalidJson, null, 13)]
    [InlineData("""{"text":"a"}{"text":"b"}""", ErrorCodes.InvalidJson, null, 13)]
    [InlineData("""{"text":"a",}""", ErrorCodes.InvalidJson, null, 13)]
    [InlineData("""{"text":"a"/**/}""", ErrorCodes.InvalidJson, null, 12)]
    [InlineData("""{'text':'a'}""", ErrorCodes.InvalidJson, null, 2)]
    [InlineData("""{"text":NaN}""", ErrorCodes.InvalidJson, null, 9)]
    [InlineData("{}", ErrorCodes.MissingField, "text", 2)]
    [InlineData("""{"id":"a"}""", ErrorCodes.MissingField, "text", 10)]
    [InlineData("""{"text":1}""", ErrorCodes.InvalidValue, "text", 9)]
    [InlineData("""{"text":null}""", ErrorCodes.InvalidValue, "text", 9)]
    [InlineData("""{"text":"a","id":7}""", ErrorCodes.InvalidValue, "id", 18)]
    [InlineData("""{"text":"a","text":"b"}""", ErrorCodes.InvalidValue, "text", 13)]
    [InlineData("""{"text":"a","te\u0078t":"b"}""", ErrorCodes.InvalidValue, "text", 13)]
    [InlineData("""{"Text":"a"}""", ErrorCodes.UnknownProperty, "Text", 2)]
    [InlineData("""{"text":"a","vector":[1]}""", ErrorCodes.UnknownProperty, "vector", 13)]
    [InlineData("""{"text":"\ud800"}""", ErrorCodes.InvalidValue, "text", 9)]
    [InlineData("""{"text":"\udc00\ud800"}""", ErrorCodes.InvalidValue, "text", 9)]
    [InlineData("""{"text":"a","id":"x\ud83d"}""", ErrorCodes.InvalidValue, "id", 18)]
    [InlineData("""{"text":"a","\ud800":1}""", ErrorCodes.InvalidValue, null, 13)]
    [InlineData("""{"text":"a","metadata":[]}""", ErrorCodes.InvalidValue, "metadata", 24)]
    [InlineData("""{"text":"a","metadata":"x"}""", ErrorCodes.InvalidValue, "metadata", 24)]
    [InlineData("""{"text":"a","metadata":{"a":1,"a":2}}""", ErrorCodes.InvalidValue, "metadata", 24)]
    [InlineData("""{"text":"a","metadata":{"b":{"a":1,"a":2}}}""", ErrorCodes.InvalidValue, "metadata", 24)]
    [InlineData("""{"text":"a","metadata":{"a":"\ud800"}}""", ErrorCodes.InvalidValue, "metadata", 29)]
    [InlineData("""{"text":"ß€😀","x":1}""", ErrorCodes.UnknownProperty, "x", 16)]
    public void Document_with_a_fault_is_refused_with_code_field_and_column(string json, string code, string? field, int? column)
    {
        var problem = Assert.Throws<ProblemException>(() => DocumentJson.ReadOne(Encoding.UTF8.GetBytes(json), Limits));

        Assert.Equal((code, field, column), (problem.Code, problem.Field, problem.Column));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF }, 1)]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xC3, (byte)'"' }, 3)]
    [InlineData(new byte[] { 0xC3, 0xA4, 0xED, 0xA0, 0x80 }, 2)]
    [InlineData(new byte[] { (byte)'{', 0xC0, 0x80 }, 2)]
    public void Bytes_that_are_not_UTF8_are_refused_with_their_column(byte[] json, int column)
    {
        var problem = Assert.Throws<ProblemException>(() => DocumentJson.ReadOne(json, Limits));

        Assert.Equal((ErrorCodes.InvalidUtf8, column), (problem.Code, problem.Column));
    }

    [Fact]
    public void Path_names_indexes_and_properties()
    {
        var json = """{"documents":[{"text":"a"},{"text":"b","metadata":{"x":[1]}},{"text":[]}]}"""u8.ToArray();

        var problem = Assert.Throws<ProblemException>(() => DocumentJson.ReadAll(json, Limits));

        Assert.Equal("documents[2].text", problem.Field);
        Assert.Equal("documents[2].text must be a string, but is an array.", problem.Message);
    }

    [Fact]
    public void Fault_on_a_later_line_is_told_with_its_line()
    {
        var problem = Assert.Throws<ProblemException>(() => DocumentJson.ReadOne("{\n \"text\": \"a\",\n \"id\": }"u8.ToArray(), Limits));

        Assert.Contains("line 3, column 8", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Byte_order_mark_is_skipped() =>
        Assert.Equal("a", DocumentJson.ReadOne([0xEF, 0xBB, 0xBF, .. """{"text":"a"}"""u8], Limits).Text);

    [Fact]
    public void Optional_nulls_count_as_absent()
    {
        var document = DocumentJson.ReadOne("""{"id":null,"text":"a","metadata":null}"""u8, Limits);

        Assert.Null(document.Id);
        Assert.Null(document.Metadata);
    }

    [Fact]
    public void Text_keeps_every_character()
    {
        var document = DocumentJson.ReadOne("""{"text":"\u0000\u0007 ä € 😀 \ud83d\ude00 e\u0301 \u202e"}"""u8, Limits);

        Assert.Equal("\0\a ä € 😀 😀 e\u0301 \u202e", document.Text);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(200, false)]
    [InlineData(5_000, false)]
    public void Metadata_has_a_depth_limit(int depth, bool allowed)
    {
        var metadata = string.Concat(Enumerable.Repeat("""{"a":""", depth - 1)) + "{}" + new string('}', depth - 1);
        var json = Encoding.UTF8.GetBytes($$"""{"text":"a","metadata":{{metadata}}}""");

        var problem = Record.Exception(() => DocumentJson.ReadOne(json, Limits)) as ProblemException;

        Assert.Equal(allowed ? null : ErrorCodes.TooLong, problem?.Code);
        Assert.Equal(allowed ? null : "metadata", problem?.Field);
    }

    [Fact]
    public void Metadata_is_measured_without_white_space()
    {
        var limits = new LimitOptions { MetadataBytes = 23 };

        Assert.NotNull(DocumentJson.ReadOne("""{"text":"a","metadata":{"a" : [1,  2,3 ],   "bc":"de"  } }"""u8, limits).Metadata);
        var problem = Assert.Throws<ProblemException>(() => DocumentJson.ReadOne("""{"text":"a","metadata":{"a":[1,2,3],"bc":"def"}}"""u8, limits));
        Assert.Equal((ErrorCodes.TooLong, "metadata"), (problem.Code, problem.Field));
    }

    [Fact]
    public void Huge_metadata_is_refused_before_it_is_built()
    {
        var json = Encoding.UTF8.GetBytes("""{"text":"a","metadata":{"a":[""" + string.Concat(Enumerable.Repeat("1,", 8 << 20)) + "1]}}");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ProblemException>(() => DocumentJson.ReadOne(json, Limits));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}
