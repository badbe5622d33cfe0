using System.Globalization;
using AlbertSearch.Embeddings.Tokenization.Unicode;

namespace AlbertSearch.Embeddings.Tests.Tokenization.Unicode;

public class UnicodeTablesTests
{
    [Fact]
    public void Version_is_the_one_that_the_tables_were_made_from() => Assert.Equal(new Version(15, 0, 0), UnicodeTables.Version);

    [Fact]
    public void WhiteSpace_is_the_set_of_Python()
    {
        int[] expected =
        [
            .. Enumerable.Range(0x09, 5), .. Enumerable.Range(0x1C, 5), 0x85, 0xA0, 0x1680, .. Enumerable.Range(0x2000, 11), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
        ];
        Assert.Equal(expected, With(CharacterProperties.WhiteSpace));
    }

    // Ranges of combining class other than 0 as listed for Unicode 14; later versions only add to them.
    [Theory]
    [InlineData(0x0300, 0x034E)]
    [InlineData(0x0350, 0x036F)]
    [InlineData(0x0591, 0x05BD)]
    [InlineData(0x3099, 0x309A)]
    [InlineData(0xFE20, 0xFE2F)]
    [InlineData(0x1D165, 0x1D169)]
    [InlineData(0x1E944, 0x1E94A)]
    public void CombiningClass_is_not_0_in_the_known_ranges(int first, int last)
    {
        Assert.Equal(0, UnicodeTables.CombiningClass(first - 1));
        Assert.All(Enumerable.Range(first, last - first + 1), c => Assert.NotEqual(0, UnicodeTables.CombiningClass(c)));
        Assert.Equal(0, UnicodeTables.CombiningClass(last + 1));
    }

    [Theory]
    [InlineData(0x034F)]
    [InlineData(0xFE0F)]
    [InlineData(0x0901)]
    [InlineData(0x0E31)]
    public void CombiningClass_of_marks_that_stay_is_0(int codePoint) => Assert.Equal(0, UnicodeTables.CombiningClass(codePoint));

    [Theory]
    [InlineData('A', 'a')]
    [InlineData('a', 'a')]
    [InlineData(0xC9, 0xE9)]
    [InlineData(0x1E9E, 0xDF)]
    [InlineData(0x03F9, 0x03F2)]
    [InlineData(0x2126, 0x3C9)]
    [InlineData(0x10400, 0x10428)]
    [InlineData(0x10FFFF, 0x10FFFF)]
    public void ToLower_maps_simple_cases(int codePoint, int expected) => Assert.Equal(expected, UnicodeTables.ToLower(codePoint));

    [Fact]
    public void Categories_agree_with_the_runtime_up_to_newer_characters()
    {
        var differences = new List<string>();
        for (var c = 0; c <= 0x10FFFF; c++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(c);
            var ours = UnicodeTables.Properties(c);
            if (category == UnicodeCategory.OtherNotAssigned || ((ours & CharacterProperties.Other) != 0 && category is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse)))
            {
                continue; // one of the two versions doesn't know the character yet
            }

            var expected = category switch
            {
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse => CharacterProperties.Other,
                UnicodeCategory.SpaceSeparator => CharacterProperties.SpaceSeparator,
                UnicodeCategory.NonSpacingMark => CharacterProperties.NonspacingMark,
                >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterProperties.Punctuation,
                _ => CharacterProperties.None,
            };
            const CharacterProperties Categories = CharacterProperties.Other | CharacterProperties.SpaceSeparator | CharacterProperties.NonspacingMark | CharacterProperties.Punctuation;
            if (expected != (ours & Categories))
            {
                differences.Add($"U+{c:X4} {category}");
            }
        }

        // Unicode 16 calls this vowel sign a spacing mark.
        Assert.Equal(["U+1171E SpacingCombiningMark"], differences);
    }

    [Theory]
    [InlineData('7', true)]
    [InlineData(0x00B2, true)]
    [InlineData(0x0663, true)]
    [InlineData(0x2460, true)]
    [InlineData(0x00BD, false)]
    [InlineData(0x4E00, false)]
    public void Digit_is_that_of_Python(int codePoint, bool expected) => Assert.Equal(expected, UnicodeTables.Has(codePoint, CharacterProperties.Digit));

    [Theory]
    [InlineData(0x0301, true)]
    [InlineData(0x1161, true)]
    [InlineData(0x11A8, true)]
    [InlineData(0x09BE, true)]
    [InlineData('a', false)]
    [InlineData(0xAC00, false)]
    public void MayCompose_tells_second_parts_of_composites(int codePoint, bool expected) => Assert.Equal(expected, UnicodeTables.Has(codePoint, CharacterProperties.MayCompose));

    private static int[] With(CharacterProperties properties) => [.. Enumerable.Range(0, 0x110000).Where(c => UnicodeTables.Has(c, properties))];
}
