using System.Text;
using AlbertSearch.Embeddings.Tokenization.SentencePiece;

namespace AlbertSearch.Embeddings.Tests.Tokenization.SentencePiece;

public class CharsMapTests
{
    [Fact]
    public void Match_takes_the_longest_key()
    {
        var map = CharsMap.Parse("m", ModelWriter.MapOf(("a", "1"), ("abc", "3"), ("é", ""), ("éé", "ee")));
        Assert.Equal((1, "1"), Match(map, "ab"));
        Assert.Equal((3, "3"), Match(map, "abcd"));
        Assert.Equal((2, ""), Match(map, "éa"));
        Assert.Equal((4, "ee"), Match(map, "éé"));
        Assert.Equal((0, ""), Match(map, "b"));
        Assert.Equal((0, ""), Match(map, ""));
        Assert.Equal((0, ""), Match(map, "\0"));
    }

    [Fact]
    public void HasSpaceInKey_tells_keys_that_reach_into_the_next_word()
    {
        Assert.False(CharsMap.Parse("m", ModelWriter.MapOf(("ab", " "))).HasSpaceInKey);
        Assert.True(CharsMap.Parse("m", ModelWriter.MapOf(("a b", "x"))).HasSpaceInKey);
    }

    [Fact]
    public void IsPlain_tells_characters_that_ASCII_text_keeps()
    {
        var map = CharsMap.Parse("m", ModelWriter.MapOf(("a", "b"), ("cd", "x"), ("eé", "y")));
        Assert.False(map.IsPlain((byte)'a'));
        Assert.False(map.IsPlain((byte)'c'));
        Assert.True(map.IsPlain((byte)'e'));
        Assert.True(map.IsPlain((byte)'f'));
    }

    public static TheoryData<string, byte[], string> Broken()
    {
        const uint Leaf = 1 << 8;
        uint[] Units(params (int Index, uint Unit)[] given)
        {
            var units = new uint[512];
            foreach (var (index, unit) in given)
            {
                units[index] = unit;
            }

            return units;
        }

        return new()
        {
            { "two bytes", [1, 2], "at least 4" },
            { "size past the end", [8, 0, 0, 0, 1, 2, 3, 4], "claims a double array of 8 bytes where 4 are left" },
            { "odd size", [3, 0, 0, 0, 1, 2, 3, 4], "claims" },
            { "no unit", [0, 0, 0, 0], "claims" },
            { "root points outside", ModelWriter.Map([0xFFFFFC00], []), "outside of 1" },
            { "unit points outside", ModelWriter.Map(Units((0, 0), ('a', (1000u << 10) | 'a')), []), "outside of 512" },
            { "loop", ModelWriter.Map(Units((0, 0), ('a', ((uint)'a' << 10) | 'a')), []), "reached from itself" },
            { "replacement outside", ModelWriter.Map(Units((0, 0), ('a', ((256u ^ 'a') << 10) | Leaf | 'a'), (256, 0x80000009)), [0]), "byte 9" },
            { "replacement without end", ModelWriter.Map(Units((0, 0), ('a', ((256u ^ 'a') << 10) | Leaf | 'a'), (256, 0x80000000)), [65]), "doesn't end" },
            { "replacement that is not UTF-8", ModelWriter.Map(Units((0, 0), ('a', ((256u ^ 'a') << 10) | Leaf | 'a'), (256, 0x80000000)), [0xC3, 0]), "not UTF-8" },
            { "long replacement", ModelWriter.MapOf(("a", new string('x', 257))), "256" },
            { "long key", ModelWriter.MapOf((new string('a', 129), "x")), "128" },
        };
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Parse_broken_map_says_what_is_wrong(string defect, byte[] map, string message)
    {
        var error = Assert.Throws<ModelFormatException>(() => CharsMap.Parse("spiece.model", map));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), $"{defect}: {error.Message}");
        Assert.StartsWith("spiece.model: normalizer_spec.precompiled_charsmap: ", error.Message, StringComparison.Ordinal);
    }

    private static (int Length, string Replacement) Match(CharsMap map, string text)
    {
        var length = map.Match(Encoding.UTF8.GetBytes(text), out var replacement);
        return (length, Encoding.UTF8.GetString(replacement));
    }
}
