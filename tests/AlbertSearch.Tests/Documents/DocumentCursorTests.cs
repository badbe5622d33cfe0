using AlbertSearch.Documents;
using AlbertSearch.Errors;

namespace AlbertSearch.Tests.Documents;

public sealed class DocumentCursorTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("a/b?c=d&e 😀")]
    public void Cursor_leads_back_to_its_id(string id) => Assert.Equal(id, DocumentCursor.Parse(DocumentCursor.After(id)));

    [Theory]
    [InlineData("!")]
    [InlineData("_w")]
    [InlineData("a")]
    public void Rubbish_is_refused(string cursor) => Assert.Equal("cursor", Assert.Throws<InvalidRequestException>(() => DocumentCursor.Parse(cursor)).Field);
}
