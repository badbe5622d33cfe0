using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class SimilarityEndpointsTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Similarity_is_a_symmetric_matrix_of_dot_products()
    {
        var answer = (await Server.PostAsync("/similarity", """{"texts":["How do I return an item?","Sending back a purchase","The weather is fine."]}""")).Expect(200);

        Assert.Equal(["matrix", "truncatedTokens"], answer.EnumerateObject().Select(property => property.Name));
        Assert.Equal([0, 0, 0], answer.GetProperty("truncatedTokens").EnumerateArray().Select(count => count.GetInt32()));
        var matrix = answer.GetProperty("matrix").EnumerateArray().Select(Floats).ToArray();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1f, matrix[i][i], 1e-4f);
            for (var j = 0; j < 3; j++)
            {
                Assert.Equal(matrix[i][j], matrix[j][i]);
            }
        }

        Assert.True(matrix[0][1] > matrix[0][2]);
        var vectors = (await Server.PostAsync("/embed", """{"data":[["How do I return an item?"],["Sending back a purchase"]]}""")).Expect(200).GetProperty("results");
        var dot = Floats(vectors[0].GetProperty("vector")).Zip(Floats(vectors[1].GetProperty("vector")), (a, b) => a * b).Sum();
        Assert.Equal(dot, matrix[0][1], 1e-4f);
    }

    [Theory]
    [InlineData("{}", ErrorCodes.MissingField, "texts")]
    [InlineData("""{"texts":[]}""", ErrorCodes.Empty, "texts")]
    [InlineData("""{"texts":["a",["b"]]}""", ErrorCodes.InvalidValue, "texts[1]")]
    [InlineData("""{"texts":["a"],"model":"x"}""", ErrorCodes.UnknownProperty, "model")]
    public async Task Bad_similarity_is_refused(string body, string code, string field) =>
        (await Server.PostAsync("/similarity", body)).ExpectProblem(400, code, field);

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];
}
