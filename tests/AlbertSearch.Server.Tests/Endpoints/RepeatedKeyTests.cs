using System.Net.Sockets;
using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Server.Bulk;

namespace AlbertSearch.Server.Tests.Endpoints;

/// <summary>Keys that come again: from two clients at once, for another collection, with another kind of body.</summary>
[Collection(SharedServer.Name)]
public class RepeatedKeyTests(SharedServer shared)
{
    private const string Json = "application/json";

    private RunningServer Server { get; } = shared.Server;

    [Theory]
    [InlineData(NdjsonDocuments.MediaType, "{\"id\":\"{0}\",\"text\":\"One.\"}\n")]
    [InlineData(CsvDocuments.MediaType, "id,text\n{0},One.\n")]
    [InlineData(Json, "{\"documents\":[{\"id\":\"{0}\",\"text\":\"One.\"}]}")]
    public async Task Key_that_several_clients_send_at_once_makes_one_operation_and_tells_each_all_of_it(string contentType, string body)
    {
        var key = "race-" + contentType;
        body = body.Replace("{0}", key, StringComparison.Ordinal);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync("/index", body, contentType, key)));

        Assert.Single(answers.Select(answer => answer.Expect(202).GetProperty("operationId").GetString()).Distinct());
        Assert.All(answers, answer => Assert.Equal(1, answer.Json.GetProperty("documents").GetInt32()));
    }

    [Fact]
    public async Task Upload_that_comes_again_while_the_first_comes_in_is_answered_when_that_is_whole()
    {
        const string first = "{\"id\":\"slow-1\",\"text\":\"First line.\"}\n";
        const string second = "{\"id\":\"slow-2\",\"text\":\"Second line.\"}\n";
        using var client = new TcpClient();
        await client.ConnectAsync(Server.Client.BaseAddress!.Host, Server.Client.BaseAddress.Port);
        var stream = client.GetStream();
        var head = $"POST /index HTTP/1.1\r\nHost: x\r\nIdempotency-Key: slow\r\nContent-Type: {NdjsonDocuments.MediaType}\r\nConnection: close\r\nContent-Length: {first.Length + second.Length}\r\n\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(head + first));
        while ((await Server.GetAsync("/operations?key=slow")).Expect(200).GetProperty("operations").GetArrayLength() == 0)
        {
            await Task.Yield();
        }

        var again = SendAsync("/index", first + second, NdjsonDocuments.MediaType, "slow");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(second));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();

        var repeated = (await again).Expect(202);
        Assert.Equal(2, repeated.GetProperty("documents").GetInt32());
        Assert.Contains(repeated.GetProperty("operationId").GetString()!, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_of_another_kind_of_body_is_refused_and_nothing_goes_in()
    {
        (await SendAsync("/index", """{"documents":[{"id":"kind-1","text":"One."}]}""", Json, "kind")).Expect(202);

        (await SendAsync("/index", "{\"id\":\"kind-2\",\"text\":\"Two.\"}\n", NdjsonDocuments.MediaType, "kind")).ExpectProblem(409, ErrorCodes.Conflict);
    }

    [Fact]
    public async Task Key_of_another_collection_is_refused_and_nothing_goes_in()
    {
        const string line = "{\"id\":\"there\",\"text\":\"One.\"}\n";
        const string json = """{"documents":[{"id":"there","text":"One."}]}""";
        (await Server.SendAsync(HttpMethod.Put, "/collections/keyed")).Expect(201);
        (await SendAsync("/index", line, NdjsonDocuments.MediaType, "there-lines")).Expect(202);
        (await SendAsync("/index", json, Json, "there-json")).Expect(202);

        (await SendAsync("/collections/keyed/index", line, NdjsonDocuments.MediaType, "there-lines")).ExpectProblem(409, ErrorCodes.Conflict);
        (await SendAsync("/collections/keyed/index?from=1", line, NdjsonDocuments.MediaType, "there-lines")).ExpectProblem(409, ErrorCodes.Conflict);
        (await SendAsync("/collections/keyed/index", json, Json, "there-json")).ExpectProblem(409, ErrorCodes.Conflict);
    }

    [Theory]
    [InlineData(NdjsonDocuments.MediaType, "{\"id\":\"before\",\"text\":\"One.\"}\n")]
    [InlineData(Json, "{\"documents\":[{\"id\":\"before\",\"text\":\"One.\"}]}")]
    public async Task Key_of_a_collection_that_was_deleted_is_not_good_for_the_one_that_has_its_name(string contentType, string body)
    {
        var route = contentType == Json ? "/collections/again-json" : "/collections/again-lines";
        (await Server.SendAsync(HttpMethod.Put, route)).Expect(201);
        (await SendAsync(route + "/index", body, contentType, route)).Expect(202);
        Assert.Equal(204, (int)(await Server.DeleteAsync(route)).Status);
        (await Server.SendAsync(HttpMethod.Put, route)).Expect(201);

        (await SendAsync(route + "/index", body, contentType, route)).ExpectProblem(409, ErrorCodes.Conflict);
    }

    private Task<ApiAnswer> SendAsync(string route, string body, string contentType, string key) =>
        Server.SendAsync(HttpMethod.Post, route, new StringContent(body, Encoding.UTF8, contentType), ("Idempotency-Key", key));
}
