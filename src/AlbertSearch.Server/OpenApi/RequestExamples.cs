namespace AlbertSearch.Server.OpenApi;

/// <summary>Bodies to try routes with.</summary>
internal static class RequestExamples
{
    /// <summary>For <c>POST /index</c>.</summary>
    public const string Index = """{"documents":[{"id":"returns","text":"You can send back unused items within 30 days.","metadata":{"topic":"orders"}}]}""";

    /// <summary>For <c>POST /index</c>, a document a line.</summary>
    public const string Ndjson = """
        {"id":"returns","text":"You can send back unused items within 30 days."}
        {"id":"password","text":"Choose 'Forgot password' on the sign-in page to set a new one."}

        """;

    /// <summary>For <c>POST /index</c>, with a header row.</summary>
    public const string Csv = """
        id,text,topic
        returns,"You can send back unused items, within 30 days.",orders

        """;

    /// <summary>For <c>POST /search</c>.</summary>
    public const string Search = """{"query":"How do I return something I bought?","k":3}""";

    /// <summary>For <c>PATCH /documents/{id}</c>.</summary>
    public const string Patch = """{"metadata":{"topic":"orders","draft":null}}""";

    /// <summary>For <c>PUT /collections/{name}</c>.</summary>
    public const string Collection = """{"pooling":"mean","chunking":{"enabled":true,"maxTokens":96,"overlapTokens":16},"index":{"m":24,"ef":100}}""";

    /// <summary>For <c>POST /documents/delete</c>.</summary>
    public const string Deletion = """{"filter":{"topic":"orders","year":{"lt":2020}},"dryRun":true}""";

    /// <summary>For <c>POST /collections/{name}/check</c>.</summary>
    public const string IndexCheck = """{"samples":100,"k":10,"ef":64}""";

    /// <summary>For <c>POST /collections/{name}/verify</c>.</summary>
    public const string Verify = """{"repair":false}""";

    /// <summary>For <c>POST /embed</c>.</summary>
    public const string Embed = """{"data":[["A single text."],["The first of a pair.","The second."]],"output":["vector"]}""";

    /// <summary>For <c>POST /tokenize</c>.</summary>
    public const string Tokenize = """{"data":[["Semantic search finds meaning."]],"maxTokens":64}""";

    /// <summary>For <c>POST /similarity</c>.</summary>
    public const string Similarity = """{"texts":["How do I return an item?","Sending back a purchase","The weather is fine."]}""";

    /// <summary>For <c>POST /predict/albert-base-v1</c>.</summary>
    public const string Predict = """{"data":[["A single text."],["The first of a pair.","The second."]],"max_seq_len":128}""";
}
