using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

public class ByteTrieTests
{
    [Fact]
    public void Find_gives_the_value_of_every_key_and_of_nothing_else()
    {
        var random = new Random(11);
        var keys = new Dictionary<string, int>();
        for (var i = 1; i <= 20_000; i++)
        {
            var key = new byte[random.Next(1, 9)];
            for (var j = 0; j < key.Length; j++)
            {
                key[j] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(4));
            }

            keys[Convert.ToHexString(key)] = i;
        }

        var builder = new ByteTrieBuilder();
        foreach (var (key, value) in keys)
        {
            builder.Add(Convert.FromHexString(key), value);
        }

        var trie = builder.Build()!;
        foreach (var (key, value) in keys)
        {
            Assert.Equal(value, trie.Find(Convert.FromHexString(key)));
        }

        for (var i = 0; i < 100_000; i++)
        {
            var key = new byte[random.Next(1, 9)];
            random.NextBytes(key);
            Assert.Equal(keys.GetValueOrDefault(Convert.ToHexString(key)), trie.Find(key));
        }
    }

    [Fact]
    public void Find_in_an_empty_trie_gives_nothing()
    {
        var trie = new ByteTrieBuilder().Build()!;
        Assert.Equal(0, trie.Find("a"u8));
        Assert.Equal(0, trie.Find([]));
        Assert.Equal(0, trie.Find([0]));
    }

    [Fact]
    public void Build_more_than_fits_gives_nothing()
    {
        var builder = new ByteTrieBuilder();
        var random = new Random(5);
        for (var i = 0; i < 6_000; i++)
        {
            var key = new byte[400];
            random.NextBytes(key);
            builder.Add(key, 1);
        }

        Assert.Null(builder.Build());
    }
}
