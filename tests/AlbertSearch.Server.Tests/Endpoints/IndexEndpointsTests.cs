using System.Globalization;
using System.IO.Compression;
using System.Text;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class IndexEndpointsTests(SharedServer shared)
{
    private const string Ndjson = "application/x-ndjson";

    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Json_is_accepted_and_becomes_searchable()
    {
        var answer = await Server.PostAsync("/index", """{"documents":[{"id":"accepted-1","text":"The lighthouse keeper lit the lamp."},{"id":"accepted-2","text":"Bread rises with yeast."}]}""");

        var accepted = answer.Expect(202);
        Assert.Equal("accepted", accepted.GetProperty("status").GetString());
        Assert.Equal(2, accepted.GetProperty("documents").GetInt32());
        Assert.Equal(["operationId", "status", "documents"], accepted.EnumerateObject().Select(property => property.Name));
        var id = accepted.GetProperty("operationId").GetString();
        Assert.Equal($"/operations/{id}", answer.Headers["Location"]);
        var operation = await CompletedAsync(id!);
        Assert.Equal("index", operation.GetProperty("kind").GetString());
        Assert.Equal(2, operation.GetProperty("documents").GetInt32());
        Assert.Equal(2, operation.GetProperty("done").GetInt32());
        Assert.Equal("accepted-1", await TopHitAsync("Who lit the lamp of the lighthouse?"));
    }

    [Fact]
    public async Task Json_with_wait_answers_with_counts()
    {
        const string body = """{"documents":[{"id":"wait-1","text":"Glaciers carve valleys.","metadata":{"n":1}},{"id":"wait-2","text":"Otters float on their backs."}]}""";

        var first = (await Server.PostAsync("/index?wait=true", body)).Expect(200);
        var again = (await Server.PostAsync("/index?wait=true", body)).Expect(200);
        var changed = (await Server.PostAsync("/index?wait=true", body.Replace("Otters", "Sea otters", StringComparison.Ordinal).Replace("\"n\":1", "\"n\":2", StringComparison.Ordinal))).Expect(200);

        Assert.Equal(["status", "added", "updated", "unchanged", "failed"], first.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("completed", 2, 0, 0, 0), Counts(first));
        Assert.Equal(("completed", 0, 0, 2, 0), Counts(again));
        Assert.Equal(("completed", 0, 2, 0, 0), Counts(changed));
    }

    [Fact]
    public async Task Missing_id_is_made_from_the_content()
    {
        const string body = """{"documents":[{"text":"A document without an id of its own: zebra crossing."}]}""";

        Assert.Equal(1, (await Server.PostAsync("/index?wait=true", body)).Expect(200).GetProperty("added").GetInt32());
        Assert.Equal(1, (await Server.PostAsync("/index?wait=true", body)).Expect(200).GetProperty("unchanged").GetInt32());
        Assert.NotEmpty((await TopHitAsync("zebra crossing without an id"))!);
    }

    [Theory]
    [InlineData("""{"documents":[]}""", ErrorCodes.Empty, "documents")]
    [InlineData("{}", ErrorCodes.MissingField, "documents")]
    [InlineData("""{"documents":{}}""", ErrorCodes.InvalidValue, "documents")]
    [InlineData("""{"documents":[{"id":"bad"}]}""", ErrorCodes.MissingField, "documents[0].text")]
    [InlineData("""{"documents":[{"id":"bad","text":"x"},{"id":"bad-2","text":""}]}""", ErrorCodes.Empty, "documents[1].text")]
    [InlineData("""{"documents":[{"id":"bad","text":" \n\t "}]}""", ErrorCodes.Empty, "documents[0].text")]
    [InlineData("""{"documents":[{"id":"bad","text":"x"},{"id":"bad","text":"y"}]}""", ErrorCodes.DuplicateId, "documents[1].id")]
    [InlineData("""{"documents":[{"id":"","text":"x"}]}""", ErrorCodes.Empty, "documents[0].id")]
    [InlineData("""{"documents":[{"id":"a\u0000b","text":"x"}]}""", ErrorCodes.InvalidValue, "documents[0].id")]
    [InlineData("""{"documents":[{"id":"a\nb","text":"x"}]}""", ErrorCodes.InvalidValue, "documents[0].id")]
    [InlineData("""{"documents":[{"id":"a\u0085b","text":"x"}]}""", ErrorCodes.InvalidValue, "documents[0].id")]
    [InlineData("""{"documents":[{"id":"a\ud800b","text":"x"}]}""", ErrorCodes.InvalidValue, "documents[0].id")]
    [InlineData("""{"documents":[{"id":3,"text":"x"}]}""", ErrorCodes.InvalidValue, "documents[0].id")]
    [InlineData("""{"documents":[{"id":"bad","text":"x","vector":[1]}]}""", ErrorCodes.UnknownProperty, "documents[0].vector")]
    [InlineData("""{"documents":[{"id":"bad","text":"x"}],"upsert":true}""", ErrorCodes.UnknownProperty, "upsert")]
    [InlineData("""{"documents":[{"id":"bad","text":"x","metadata":7}]}""", ErrorCodes.InvalidValue, "documents[0].metadata")]
    [InlineData("""{"documents":[{"id":"bad","text":"x"}""", ErrorCodes.InvalidJson, null)]
    [InlineData("", ErrorCodes.InvalidJson, null)]
    public async Task Bad_json_is_refused_and_changes_nothing(string body, string code, string? field)
    {
        (await Server.PostAsync("/index?wait=true", body)).ExpectProblem(400, code, field);

        (await Server.GetAsync("/documents/bad")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Limits_are_named_with_status_413()
    {
        Assert.Contains("512", (await IndexOneAsync(new string('i', 513), "x")).ExpectProblem(413, ErrorCodes.TooLong, "documents[0].id"), StringComparison.Ordinal);
        Assert.Contains("512", (await IndexOneAsync(new string('ä', 257), "x")).ExpectProblem(413, ErrorCodes.TooLong, "documents[0].id"), StringComparison.Ordinal);
        Assert.Contains("1048576", (await IndexOneAsync("long", new string('x', (1 << 20) + 1))).ExpectProblem(413, ErrorCodes.TooLong, "documents[0].text"), StringComparison.Ordinal);
        var metadata = await Server.PostAsync("/index", """{"documents":[{"text":"x","metadata":{"a":"M"}}]}""".Replace("M", new string('m', 64 << 10), StringComparison.Ordinal));
        var deep = await Server.PostAsync("/index", """{"documents":[{"text":"x","metadata":{"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}}]}""");
        Assert.Contains("16", deep.ExpectProblem(413, ErrorCodes.TooLong, "documents[0].metadata"), StringComparison.Ordinal);
        Assert.Contains("65536", metadata.ExpectProblem(413, ErrorCodes.TooLong, "documents[0].metadata"), StringComparison.Ordinal);
        (await IndexOneAsync(new string('ä', 256), "An id of exactly 512 bytes.")).Expect(200);
    }

    [Theory]
    [InlineData("/index?wait=maybe", ErrorCodes.InvalidValue, "wait")]
    [InlineData("/index?wait=", ErrorCodes.InvalidValue, "wait")]
    [InlineData("/index?wait=true&wait=true", ErrorCodes.InvalidValue, "wait")]
    [InlineData("/index?wiat=true", ErrorCodes.UnknownProperty, "wiat")]
    public async Task Bad_query_parameter_is_refused(string route, string code, string field) =>
        (await Server.PostAsync(route, """{"documents":[{"id":"bad","text":"x"}]}""")).ExpectProblem(400, code, field);

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/x-ndjson; charset=iso-8859-1")]
    public async Task Other_content_type_is_refused(string? contentType) =>
        (await Server.PostAsync("/index", """{"documents":[{"id":"bad","text":"x"}]}""", contentType)).ExpectProblem(415, ErrorCodes.UnsupportedMediaType);

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON;charset=\"UTF-8\"")]
    public async Task Content_type_may_name_utf8(string contentType) =>
        (await Server.PostAsync("/index", """{"documents":[{"id":"charset","text":"Named."}]}""", contentType)).Expect(202);

    [Fact]
    public async Task Ndjson_with_a_truncated_line_among_a_thousand_loads_the_others()
    {
        var lines = Enumerable.Range(1, 1_000).Select(i => $$$"""{"id":"line-{{{i}}}","text":"Sentence number {{{i}}} of a long list.","metadata":{"i":{{{i}}}}}""").ToArray();
        lines[499] = lines[499][..30];

        var answer = (await Server.PostAsync("/index?wait=true", string.Join('\n', lines), Ndjson)).Expect(200);

        Assert.Equal(("completed", 999, 0, 0, 1), Counts(answer));
        var failed = answer.GetProperty("failed")[0];
        Assert.Equal(500, failed.GetProperty("line").GetInt32());
        Assert.Equal(31, failed.GetProperty("column").GetInt32());
        Assert.Equal(ErrorCodes.InvalidJson, failed.GetProperty("code").GetString());
        Assert.NotEmpty(failed.GetProperty("message").GetString()!);
        (await Server.GetAsync("/documents/line-500")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.GetAsync("/documents/line-1000")).Expect(200);
    }

    [Fact]
    public async Task Ndjson_takes_mark_blank_lines_and_both_line_ends()
    {
        var text = "\uFEFF{\"id\":\"ends-1\",\"text\":\"One.\"}\r\n\r\n  \t\n{\"id\":\"ends-2\",\"text\":\"Two.\"}\n\n{\"id\":\"ends-3\",\"text\":\"Three.\"}";

        Assert.Equal(("completed", 3, 0, 0, 0), Counts((await Server.PostAsync("/index?wait=true", text, Ndjson)).Expect(200)));
    }

    [Fact]
    public async Task Ndjson_reports_each_bad_line_by_itself()
    {
        byte[] body =
        [
            .. "{\"id\":\"bad-line-1\",\"text\":\"Good.\"}\n"u8,
            .. "{\"id\":\"x\",\"text\":\"caf"u8, 0xE9, .. "\"}\n"u8,
            .. "{\"id\":\"x\",\"text\":\"\"}\n"u8,
            .. "{\"id\":\"x\",\"text\":\"a\",\"lang\":\"en\"}\n"u8,
            .. "[1,2]\n"u8,
            .. "{\"id\":\"x\",\"text\":\"a\"} {\"id\":\"x\",\"text\":\"a\"}\n"u8,
            .. Encoding.UTF8.GetBytes($"{{\"id\":\"x\",\"text\":\"{new string('y', 5 << 20)}\"}}\n"),
            .. Encoding.UTF8.GetBytes($"{{\"id\":\"x\",\"text\":\"{new string('y', 2 << 20)}\"}}\n"),
            .. "{\"id\":\"bad-line-9\",\"text\":\"Good.\"}"u8,
        ];

        var answer = (await Server.PostAsync("/index?wait=true", body, Ndjson)).Expect(200);

        Assert.Equal(("completed", 2, 0, 0, 7), Counts(answer));
        Assert.Equal(
            [
                (2, ErrorCodes.InvalidUtf8), (3, ErrorCodes.Empty), (4, ErrorCodes.UnknownProperty), (5, ErrorCodes.InvalidValue),
                (6, ErrorCodes.InvalidJson), (7, ErrorCodes.TooLong), (8, ErrorCodes.TooLong),
            ],
            answer.GetProperty("failed").EnumerateArray().Select(failed => (failed.GetProperty("line").GetInt32(), failed.GetProperty("code").GetString()!)).Order());
        var utf8 = answer.GetProperty("failed").EnumerateArray().Single(failed => failed.GetProperty("line").GetInt32() == 2);
        Assert.Equal(22, utf8.GetProperty("column").GetInt32());
    }

    [Fact]
    public async Task Ndjson_of_two_lines_with_one_id_keeps_the_later()
    {
        (await Server.PostAsync("/index?wait=true", "{\"id\":\"twice\",\"text\":\"Earlier.\"}\n{\"id\":\"twice\",\"text\":\"Later.\"}", Ndjson)).Expect(200);

        Assert.Equal("Later.", (await Server.GetAsync("/documents/twice")).Expect(200).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\r\n  \n")]
    [InlineData("\uFEFF")]
    public async Task Ndjson_without_a_line_is_refused(string body) =>
        (await Server.PostAsync("/index", body, Ndjson)).ExpectProblem(400, ErrorCodes.Empty);

    [Fact]
    public async Task Ndjson_without_wait_tells_bad_lines_at_once()
    {
        var accepted = (await Server.PostAsync("/index", "{\"id\":\"told\",\"text\":\"Good.\"}\nnope\n", Ndjson)).Expect(202);

        Assert.Equal(1, accepted.GetProperty("documents").GetInt32());
        Assert.Equal(2, accepted.GetProperty("failed")[0].GetProperty("line").GetInt32());
        var operation = await CompletedAsync(accepted.GetProperty("operationId").GetString()!);
        Assert.Equal(2, operation.GetProperty("failed")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Csv_loads_and_reports_bad_lines()
    {
        var answer = (await Server.PostAsync("/index?wait=true&textColumn=body", "id,body,lang\ncsv-1,\"Two\nlines\",en\ncsv-2\ncsv-3,,de\n", "text/csv")).Expect(200);

        Assert.Equal(("completed", 1, 0, 0, 2), Counts(answer));
        Assert.Equal([(4, ErrorCodes.InvalidValue), (5, ErrorCodes.Empty)], answer.GetProperty("failed").EnumerateArray().Select(failed => (failed.GetProperty("line").GetInt32(), failed.GetProperty("code").GetString()!)));
        var document = (await Server.GetAsync("/documents/csv-1")).Expect(200);
        Assert.Equal(("Two\nlines", """{"lang":"en"}"""), (document.GetProperty("text").GetString(), document.GetProperty("metadata").GetRawText()));
        (await Server.PostAsync("/index", "id,body\n1,x", "text/csv")).ExpectProblem(400, ErrorCodes.MissingField, "text");
        (await Server.PostAsync("/index", "id,text\n", "text/csv")).ExpectProblem(400, ErrorCodes.Empty);
        (await Server.PostAsync("/index?idColumn=a", "{}", "application/json")).ExpectProblem(400, ErrorCodes.UnknownProperty, "idColumn");
    }

    [Theory]
    [InlineData("application/json", """{"documents":[{"id":"packed-1","text":"Packed."}]}""")]
    [InlineData(Ndjson, """{"id":"packed-1","text":"Packed."}""")]
    public async Task Gzip_is_unpacked_and_broken_gzip_refused(string contentType, string body)
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
        }

        Assert.Equal(1, (await SendPackedAsync(contentType, packed.ToArray(), "gzip")).Expect(202).GetProperty("documents").GetInt32());
        var damaged = packed.ToArray();
        damaged[^15] ^= 0xFF;
        foreach (var (sent, said) in new[] { (packed.ToArray()[..^12], "too early"), (packed.ToArray()[..^1], "too early"), (damaged, "damaged"), (Encoding.UTF8.GetBytes(body), "not gzip") })
        {
            Assert.Contains(said, (await SendPackedAsync(contentType, sent, "gzip")).ExpectProblem(400, ErrorCodes.InvalidValue), StringComparison.Ordinal);
        }

        (await SendPackedAsync(contentType, packed.ToArray(), "br")).ExpectProblem(415, ErrorCodes.UnsupportedMediaType);
    }

    [Theory]
    [InlineData(Ndjson, "{\"id\":\"column-1\",\"text\":\"ok\"}\n{\"id\":\"column-2\", \"text\":\"  \"}\n{\"text\":\"é\", \"id\":\"\\n\"}\n{\"metadata\":{\"a\":[{}]},\"text\":\"\"}", "2:26 3:19 4:31")]
    [InlineData("text/csv", "id,text,x\ncolumn-1,ok,1\ncolumn-2,,2\n\"é,\"\"\",\" \",3\n\"a\nb\",x,4\n", "3:10 4:8 5:1")]
    public async Task Fault_of_a_value_tells_its_line_and_column(string contentType, string body, string places)
    {
        var failed = (await Server.PostAsync("/index?wait=true", body, contentType)).Expect(200).GetProperty("failed");

        Assert.Equal(places, string.Join(' ', failed.EnumerateArray().Select(failure => $"{failure.GetProperty("line")}:{failure.GetProperty("column")}")));
    }

    [Fact]
    public async Task Odd_unicode_comes_back_as_it_went_in()
    {
        var text = "e\u0301 \u202Eright to left\u202C 👩‍👩‍👧 \uFFFD \u0000 \u2028 ﷽ 中文 \uDBFF\uDFFF";
        const string id = "odd/ä\u2028😀 %2F?#";
        var body = System.Text.Json.JsonSerializer.Serialize(new { documents = new[] { new { id, text, metadata = new { text } } } });

        (await Server.PostAsync("/index?wait=true", body)).Expect(200);

        foreach (var route in new[] { $"/documents/{Uri.EscapeDataString(id)}", $"/documents?id={Uri.EscapeDataString(id)}" })
        {
            var document = (await Server.GetAsync(route)).Expect(200);
            Assert.Equal(id, document.GetProperty("id").GetString());
            Assert.Equal(text, document.GetProperty("text").GetString());
            Assert.Equal(text, document.GetProperty("metadata").GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task Collection_route_is_the_same_for_default_and_404_for_others()
    {
        const string body = """{"documents":[{"id":"by-collection","text":"Named collection."}]}""";

        (await Server.PostAsync("/collections/default/index?wait=true", body)).Expect(200);
        (await Server.PostAsync("/collections/nope/index?wait=true", body)).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.GetAsync("/collections/default/documents/by-collection")).Expect(200);
    }

    private static (string Status, int Added, int Updated, int Unchanged, int Failed) Counts(System.Text.Json.JsonElement answer) => (
        answer.GetProperty("status").GetString()!,
        answer.GetProperty("added").GetInt32(),
        answer.GetProperty("updated").GetInt32(),
        answer.GetProperty("unchanged").GetInt32(),
        answer.GetProperty("failed").GetArrayLength());

    private Task<ApiAnswer> SendPackedAsync(string contentType, byte[] body, string encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(contentType);
        content.Headers.ContentEncoding.Add(encoding);
        return Server.SendAsync(HttpMethod.Post, "/index", content);
    }

    private Task<ApiAnswer> IndexOneAsync(string id, string text) =>
        Server.PostAsync("/index?wait=true", string.Create(CultureInfo.InvariantCulture, $$"""{"documents":[{"id":"{{id}}","text":"{{text}}"}]}"""));

    private async Task<string?> TopHitAsync(string query)
    {
        var answer = (await Server.PostAsync("/search", System.Text.Json.JsonSerializer.Serialize(new { query, k = 1 }))).Expect(200);
        return answer.GetProperty("hits")[0].GetProperty("id").GetString();
    }

    private async Task<System.Text.Json.JsonElement> CompletedAsync(string operationId)
    {
        while (true)
        {
            var operation = (await Server.GetAsync($"/operations/{operationId}")).Expect(200);
            if (operation.GetProperty("state").GetString() is not ("accepted" or "running"))
            {
                Assert.Equal("completed", operation.GetProperty("state").GetString());
                return operation;
            }

            await Task.Yield();
        }
    }
}
