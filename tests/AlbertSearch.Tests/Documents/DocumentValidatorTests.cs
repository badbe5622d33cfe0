using System.Text.Json;
using AlbertSearch.Documents;
using AlbertSearch.Errors;

namespace AlbertSearch.Tests.Documents;

public sealed class DocumentValidatorTests
{
    private readonly DocumentValidator _validator = new(new LimitOptions { TextBytes = 100, IdBytes = 64, MetadataBytes = 100 });

    [Theory]
    [InlineData("", ErrorCodes.Empty)]
    [InlineData(" \n\t\u00A0", ErrorCodes.Empty)]
    public void Bad_text_is_refused_with_its_path(string text, string code) => AssertRefused(new DocumentInput { Text = text }, code, "documents[0].text");

    [Fact]
    public void Lone_surrogate_is_refused_in_text_and_id()
    {
        // Not as data of a theory: the runner can't hand over what is not Unicode.
        foreach (var text in (string[])["lone \uD800 surrogate", "lone \uDC00 surrogate", "ends with one \uD83D", "\uD83D\uD83D\uDE00"])
        {
            AssertRefused(new DocumentInput { Text = text }, ErrorCodes.InvalidValue, "documents[0].text");
            AssertRefused(new DocumentInput { Id = text, Text = "x" }, ErrorCodes.InvalidValue, "documents[0].id");
        }
    }

    [Fact]
    public void Text_is_measured_in_utf8_bytes()
    {
        Assert.Single(_validator.Validate([new DocumentInput { Text = new string('é', 50) }]));
        AssertRefused(new DocumentInput { Text = new string('é', 50) + "x" }, ErrorCodes.TooLong, "documents[0].text");
        Assert.Single(_validator.Validate([new DocumentInput { Text = "a 😀 b" }]));
    }

    [Theory]
    [InlineData("", ErrorCodes.Empty)]
    [InlineData("a\nb", ErrorCodes.InvalidValue)]
    [InlineData("a\u007Fb", ErrorCodes.InvalidValue)]
    [InlineData("a\u0085b", ErrorCodes.InvalidValue)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ErrorCodes.TooLong)]
    public void Bad_id_is_refused_with_its_path(string id, string code) => AssertRefused(new DocumentInput { Id = id, Text = "x" }, code, "documents[0].id");

    [Theory]
    [InlineData("[1]", ErrorCodes.InvalidValue)]
    [InlineData("\"x\"", ErrorCodes.InvalidValue)]
    [InlineData("1", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":1,"a":2}""", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":"\ud800"}""", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"b":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}}""", ErrorCodes.TooLong)]
    [InlineData("""{"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}""", ErrorCodes.TooLong)]
    public void Bad_metadata_is_refused_with_its_path(string json, string code) =>
        AssertRefused(new DocumentInput { Text = "x", Metadata = JsonDocument.Parse(json).RootElement }, code, "documents[0].metadata");

    [Fact]
    public void Metadata_of_the_deepest_level_is_kept()
    {
        // Sixteen levels: the object, its member and fourteen arrays.
        var metadata = JsonDocument.Parse("""{ "a" : {"b": [[[[[[[[[[[[[[]]]]]]]]]]]]]]} }""").RootElement;
        Assert.Equal("""{"a":{"b":[[[[[[[[[[[[[[]]]]]]]]]]]]]]}}""", _validator.Validate(new DocumentInput { Text = "x", Metadata = metadata }, string.Empty).Metadata);
    }

    [Fact]
    public void Null_metadata_is_none() =>
        Assert.Null(_validator.Validate(new DocumentInput { Text = "x", Metadata = JsonDocument.Parse("null").RootElement }, string.Empty).Metadata);

    [Fact]
    public void Second_use_of_an_id_names_both_places()
    {
        var error = Assert.Throws<InvalidRequestException>(() => _validator.Validate(
            [new DocumentInput { Id = "a", Text = "x" }, new DocumentInput { Id = "b", Text = "x" }, new DocumentInput { Id = "a", Text = "y" }]));
        Assert.Equal((ErrorCodes.DuplicateId, "documents[2].id"), (error.Code, error.Field));
        Assert.Contains("documents[0]", error.Message, StringComparison.Ordinal);
        Assert.Contains("documents[2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Same_content_without_ids_is_one_document_and_other_metadata_another()
    {
        var metadata = JsonDocument.Parse("""{"x":1}""").RootElement;
        var valid = _validator.Validate([new DocumentInput { Text = "x" }, new DocumentInput { Text = "x" }, new DocumentInput { Text = "x", Metadata = metadata }]);
        Assert.Equal(valid[0].Id, valid[1].Id);
        Assert.NotEqual(valid[0].Id, valid[2].Id);

        // Made ids are for good: changing how they are made would index everything again.
        Assert.Equal("14f825b2bbc32dd8d196367fa8776873", valid[0].Id);
    }

    [Fact]
    public void No_documents_is_refused() => Assert.Equal(ErrorCodes.Empty, Assert.Throws<InvalidRequestException>(() => _validator.Validate([])).Code);

    private void AssertRefused(DocumentInput document, string code, string field)
    {
        var error = Assert.Throws<InvalidRequestException>(() => _validator.Validate([document]));
        Assert.Equal((code, field), (error.Code, error.Field));
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }
}
