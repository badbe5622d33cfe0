using Microsoft.OpenApi;

namespace AlbertSearch.Server.OpenApi;

/// <summary>The schemas of request bodies.</summary>
internal static class RequestSchemas
{
    private const string FilterLanguage =
        "A condition on metadata: {\"field\":\"lang\",\"eq\":\"en\"} with eq, ne, in, nin, gt, gte, lt, lte, exists or contains; "
        + "combined by {\"and\":[…]}, {\"or\":[…]}, {\"not\":…}; or short: {\"lang\":\"en\",\"year\":{\"gte\":2020}}.";

    /// <summary>The body of <c>POST /index</c>.</summary>
    public static OpenApiSchema Index() => Object(
        ["documents"],
        ("documents", Array(Object(
            ["text"],
            ("id", Text("Unique in the collection; 512 bytes of UTF-8 at most, no control characters. Made from the content when absent.")),
            ("text", Text("What is searched; 1 MiB at most.")),
            ("metadata", AnyObject("Any JSON object; 64 KiB and 16 levels at most."))))));

    /// <summary>The body of <c>POST /search</c>.</summary>
    public static OpenApiSchema Search() => Object(
        [],
        ("query", new OpenApiSchema { Description = "A text, or several. Exactly one of query and vector is there.", OneOf = [Text(), Array(Text())] }),
        ("vector", Array(Of("number"), "As many numbers as the model's vectors have; normalized on receipt.")),
        ("k", Number("integer", "Documents wanted.", 1, 1_000, 10)),
        ("offset", Number("integer", "Documents to skip; with k 10,000 at most.", 0, 10_000, 0)),
        ("minScore", new OpenApiSchema { Type = JsonSchemaType.Number, Description = "Least score of a hit." }),
        ("filter", AnyObject(FilterLanguage)),
        ("groupBy", Words("document", "chunk")),
        ("ef", Number("integer", "Width of the graph search.", 1, 10_000)),
        ("exact", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Compare with every vector.", Default = false }),
        ("include", Array(Words("text", "metadata", "vector", "chunks", "sentence"), "What hits carry besides id, score and chunk; text and metadata when absent.")));

    /// <summary>The body of <c>PATCH /documents/{id}</c>.</summary>
    public static OpenApiSchema Patch() => Object(["metadata"], ("metadata", AnyObject("Values to set, and nulls to remove.")));

    /// <summary>The body of <c>PUT /collections/{name}</c>.</summary>
    public static OpenApiSchema Collection() => Object(
        [],
        ("model", Text("A name in the configuration (AlbertSearch:Models).")),
        ("pooling", Words("pooler", "mean", "cls")),
        ("chunking", Object(
            [],
            ("enabled", Of("boolean")),
            ("maxTokens", Of("integer")),
            ("overlapTokens", Of("integer")))),
        ("index", Object(
            [],
            ("kind", Words("hnsw", "flat")),
            ("m", Number("integer", "Links that a new element of the graph gets a layer.", 2, 256)),
            ("efConstruction", Number("integer", "Width of the search for a new element's neighbours.", 1, 10_000)),
            ("ef", Number("integer", "Width of a search that names none.", 1, 10_000)),
            ("exactBelow", Number("integer", "With fewer vectors searches are exact.", 0, int.MaxValue)))));

    /// <summary>The body of <c>POST /documents/delete</c>.</summary>
    public static OpenApiSchema Deletion() => Object(
        [],
        ("ids", Array(Text(), "The documents' ids. Exactly one of ids and filter is there.")),
        ("filter", AnyObject(FilterLanguage)),
        ("dryRun", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Count only.", Default = false }));

    /// <summary>The body of <c>POST /collections/{name}/check</c>.</summary>
    public static OpenApiSchema IndexCheck() => Object(
        [],
        ("samples", Number("integer", "Stored vectors that are searched for; all when there are fewer.", 1, 1_024, 100)),
        ("k", Number("integer", "Neighbours of each.", 1, 1_000, 10)),
        ("ef", Number("integer", "Width of the graph search; the index's default when absent.", 1, 10_000)));

    /// <summary>The body of <c>POST /collections/{name}/verify</c>.</summary>
    public static OpenApiSchema Verify() => Object(
        [],
        ("repair", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Put right what is off; damaged documents are embedded again by the operation that is answered.", Default = false }));

    /// <summary>The body of <c>POST /embed</c>.</summary>
    public static OpenApiSchema Embed() => Object(
        ["data"],
        ("data", Samples()),
        ("output", Array(Words("pooled", "sequence", "vector"), "What is wanted of each sample; vector when absent.")));

    /// <summary>The body of <c>POST /tokenize</c>.</summary>
    public static OpenApiSchema Tokenize() => Object(
        ["data"],
        ("data", Samples()),
        ("maxTokens", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "3", Description = "Cut to this many tokens, control tokens included; as many as the model takes when absent." }));

    /// <summary>The body of <c>POST /similarity</c>.</summary>
    public static OpenApiSchema Similarity() => Object(["texts"], ("texts", Array(Text(), "1 to 1,024 texts.")));

    /// <summary>The body of <c>POST /predict/{module}</c>.</summary>
    public static OpenApiSchema Predict() => Object(
        ["data"],
        ("data", Samples()),
        ("max_seq_len", new OpenApiSchema { Type = JsonSchemaType.Integer, Default = 128, Description = "Cut to this many tokens, control tokens included." }),
        ("batch_size", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Description = "Checked, and without effect." }),
        ("use_gpu", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Checked, and without effect." }));

    /// <summary>A text.</summary>
    public static OpenApiSchema Text(string? description = null) => new() { Type = JsonSchemaType.String, Description = description };

    /// <summary>A value of a plain JSON type.</summary>
    public static OpenApiSchema Of(string type) => new()
    {
        Type = type switch
        {
            "boolean" => JsonSchemaType.Boolean,
            "integer" => JsonSchemaType.Integer,
            "number" => JsonSchemaType.Number,
            _ => JsonSchemaType.String,
        },
    };

    private static OpenApiSchema AnyObject(string description) => new() { Type = JsonSchemaType.Object, Description = description, AdditionalPropertiesAllowed = true };

    private static OpenApiSchema Samples() => Array(
        new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text(), MinItems = 1, MaxItems = 2 },
        "1 to 1,024 samples of one or two texts each.");

    private static OpenApiSchema Object(string[] required, params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Required = required.ToHashSet(),
        Properties = properties.ToDictionary(property => property.Name, property => (IOpenApiSchema)property.Schema),
        AdditionalPropertiesAllowed = false,
    };

    private static OpenApiSchema Array(OpenApiSchema items, string? description = null) => new() { Type = JsonSchemaType.Array, Items = items, Description = description };

    private static OpenApiSchema Words(params string[] words) => new() { Type = JsonSchemaType.String, Enum = [.. words] };

    private static OpenApiSchema Number(string type, string description, int least, int most, int? absent = null)
    {
        var schema = Of(type);
        schema.Description = description;
        schema.Minimum = least.ToString(System.Globalization.CultureInfo.InvariantCulture);
        schema.Maximum = most.ToString(System.Globalization.CultureInfo.InvariantCulture);
        schema.Default = absent;
        return schema;
    }
}
