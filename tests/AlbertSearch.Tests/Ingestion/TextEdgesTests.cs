using AlbertSearch.Ingestion;

namespace AlbertSearch.Tests.Ingestion;

public sealed class TextEdgesTests
{
    [Theory]
    [InlineData("One. Two! Three?", "One.|Two!|Three?")]
    [InlineData("  He said \"no.\" She left.  ", "He said \"no.\"|She left.")]
    [InlineData("Version 2.5 is out. Get it", "Version 2.5 is out.|Get it")]
    [InlineData("a title\nand a line\r\n\r\nand a paragraph.", "a title|and a line|and a paragraph.")]
    [InlineData("今日は。元気？！「はい。」と言う", "今日は。|元気？！|「はい。」|と言う")]
    [InlineData("no end at all", "no end at all")]
    [InlineData("...", "...")]
    [InlineData(" \n\t", "")]
    [InlineData("", "")]
    public void Sentences_of_a_text_are_found(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', TextEdges.FindSentences(text, 0, text.Length, 100).Select(place => text[place.Start..place.End])));

    [Fact]
    public void Sentences_of_a_part_stay_in_it_and_are_as_many_as_allowed()
    {
        const string Text = "First one. Second one. Third one. Fourth one.";
        Assert.Equal([(6, 10), (11, 22), (23, 28)], TextEdges.FindSentences(Text, 6, 28, 100));
        Assert.Equal([(0, 10), (11, 22)], TextEdges.FindSentences(Text, 0, Text.Length, 2));
    }
}
