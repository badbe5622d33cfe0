namespace AlbertSearch.Tests;

public sealed class AlbertSearchOptionsValidatorTests
{
    public static TheoryData<string, Action<AlbertSearchOptions>> Faults => new()
    {
        { "AlbertSearch:Model is ''", options => options.Model = string.Empty },
        { "AlbertSearch:Models:other is ' '", options => options.Models["other"] = " " },
        { "AlbertSearch:IndexData is ''", options => options.IndexData = string.Empty },
        { "AlbertSearch:Pooling is '7'", options => options.Pooling = (Embeddings.Pooling.PoolingMode)7 },
        { "AlbertSearch:Precision is '7'", options => options.Precision = (Embeddings.Precision)7 },
        { "AlbertSearch:Threads is '-1'", options => options.Threads = -1 },
        { "AlbertSearch:Chunking:MaxTokens is '3'", options => options.Chunking.MaxTokens = 3 },
        { "AlbertSearch:Chunking:OverlapTokens is '32'", options => (options.Chunking.MaxTokens, options.Chunking.OverlapTokens) = (64, 32) },
        { "AlbertSearch:Limits:K is '0'", options => options.Limits.K = 0 },
        { "AlbertSearch:Limits:OffsetPlusK is '999'", options => options.Limits.OffsetPlusK = 999 },
        { "AlbertSearch:Limits:TextBytes is '0'", options => options.Limits.TextBytes = 0 },
        { "AlbertSearch:Limits:MetadataDepth is '0'", options => options.Limits.MetadataDepth = 0 },
        { "AlbertSearch:Queue:MaxDocuments is '0'", options => options.Queue.MaxDocuments = 0 },
        { "AlbertSearch:Queue:Lease is '00:00:00'", options => options.Queue.Lease = TimeSpan.Zero },
        { "AlbertSearch:Queue:MaxAttempts is '0'", options => options.Queue.MaxAttempts = 0 },
        { "AlbertSearch:QueryCache is '-1'", options => options.QueryCache = -1 },
    };

    [Fact]
    public void Defaults_are_valid() => Assert.True(new AlbertSearchOptionsValidator().Validate(null, new AlbertSearchOptions()).Succeeded);

    [Theory]
    [MemberData(nameof(Faults))]
    public void Wrong_value_is_told_with_name_value_and_what_is_allowed(string expected, Action<AlbertSearchOptions> change)
    {
        var options = new AlbertSearchOptions();
        change(options);
        var fault = Assert.Single(new AlbertSearchOptionsValidator().Validate(null, options).Failures!, fault => fault.StartsWith(expected, StringComparison.Ordinal));
        Assert.Contains("allowed: ", fault, StringComparison.Ordinal);
    }
}
