using System.Text;
using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

public class TokenizerLoaderTests
{
    [Fact]
    public void Load_default_model_reads_its_flags()
    {
        var tokenizer = TokenizerLoader.Load(RepositoryFiles.DefaultModel);
        Assert.IsType<SentencePieceTokenizer>(tokenizer);
        Assert.Equal(30000, tokenizer.VocabularySize);
        Assert.Equal(128, tokenizer.ModelMaxLength);
        Assert.Equal(new SpecialTokenIds(Cls: 2, Sep: 3, Pad: 0, Unk: 1, Mask: 4), tokenizer.SpecialTokens);
    }

    [Fact]
    public void Load_vocabulary_reads_its_flags()
    {
        var tokenizer = TokenizerLoader.Load(RepositoryFiles.Golden("wordpiece"));
        Assert.IsType<WordPieceTokenizer>(tokenizer);
        Assert.Equal(1392, tokenizer.VocabularySize);
        Assert.Equal(512, tokenizer.ModelMaxLength);
        Assert.Equal(new SpecialTokenIds(Cls: 101, Sep: 102, Pad: 0, Unk: 100, Mask: 103), tokenizer.SpecialTokens);
    }

    [Fact]
    public void Load_without_config_takes_the_defaults()
    {
        using var sentencePiece = ModelFolder.SentencePiece();
        using var wordPiece = ModelFolder.WordPiece();
        Assert.Equal(int.MaxValue, sentencePiece.Load().ModelMaxLength);
        Assert.Equal([2, 48, 4997, 3], sentencePiece.Load().Encode("THIS falsé").Ids);
        Assert.Equal(["[CLS]", "be", "[SEP]"], wordPiece.Load().Encode("BÉ").Tokens);
    }

    [Fact]
    public void Load_folder_with_both_files_asks_the_config()
    {
        using var folder = ModelFolder.SentencePiece().With("vocab.txt", File.ReadAllBytes(RepositoryFiles.Golden("wordpiece/vocab.txt")));
        Assert.IsType<SentencePieceTokenizer>(folder.Load());
        folder.With("tokenizer_config.json", """{"tokenizer_class": "BertTokenizer"}""");
        Assert.IsType<WordPieceTokenizer>(folder.Load());
    }

    [Fact]
    public void Load_config_with_token_objects_and_a_huge_length_is_read()
    {
        using var folder = ModelFolder.SentencePiece("""{"cls_token": {"content": "[SEP]", "__type": "AddedToken"}, "mask_token": "[none]", "pad_token": null, "model_max_length": 1000000000000000019884624838656}""");
        var tokenizer = folder.Load();
        Assert.Equal(new SpecialTokenIds(Cls: 3, Sep: 3, Pad: 0, Unk: 1, Mask: -1), tokenizer.SpecialTokens);
        Assert.Equal(int.MaxValue, tokenizer.ModelMaxLength);
    }

    [Theory]
    [InlineData("""{"do_lower_case": 1}""", "'do_lower_case' is 1; expected true or false")]
    [InlineData("""{"cls_token": 7}""", "'cls_token' is 7; expected a string")]
    [InlineData("""{"cls_token": {"content": 7}}""", "expected a string")]
    [InlineData("""{"cls_token": "[none]"}""", "lacks the piece '[none]', the cls_token")]
    [InlineData("""{"model_max_length": 0}""", "'model_max_length' is 0; expected a number of at least 1")]
    [InlineData("""{"model_max_length": "9"}""", "expected a number")]
    [InlineData("""{"cls_token": "\ud800"}""", "not Unicode")]
    [InlineData("[]", "expected an object")]
    [InlineData("{\n\n\"a\"", "line 3")]
    [InlineData("", "not JSON")]
    public void Load_broken_config_says_what_is_wrong(string config, string message)
    {
        using var folder = ModelFolder.SentencePiece(config);
        var error = Assert.Throws<ModelFormatException>(() => folder.Load());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_basic_tokenizer_switched_off_is_refused()
    {
        using var folder = ModelFolder.WordPiece("""{"do_basic_tokenize": false}""");
        Assert.Contains("do_basic_tokenize", Assert.Throws<ModelFormatException>(() => folder.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_folder_without_a_tokenizer_is_refused()
    {
        using var folder = ModelFolder.Empty();
        var error = Assert.Throws<ModelFormatException>(() => folder.Load());
        Assert.Equal(folder.Path, error.Path);
        Assert.Contains("spiece.model or vocab.txt", error.Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => TokenizerLoader.Load(Path.Combine(folder.Path, "missing")));
    }

    [Theory]
    [InlineData("", "lacks the token '[CLS]'")]
    [InlineData("[CLS]\n[SEP]\nx", "lacks the token '[UNK]'")]
    public void Load_vocabulary_without_control_tokens_is_refused(string vocabulary, string message)
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", vocabulary);
        Assert.Contains(message, Assert.Throws<ModelFormatException>(() => folder.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_vocabulary_with_bad_lines_is_refused()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", [.. "[CLS]\n[SEP]\n"u8, 0xC3, (byte)'\n']);
        Assert.Contains("line 3 is not UTF-8", Assert.Throws<ModelFormatException>(() => folder.Load()).Message, StringComparison.Ordinal);
        folder.With("vocab.txt", "[CLS]\n" + new string('a', 513));
        Assert.Contains("line 2 has 513 bytes; the limit is 512", Assert.Throws<ModelFormatException>(() => folder.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_vocabulary_with_other_line_ends_gives_the_same_ids()
    {
        using var folder = ModelFolder.Empty().With("vocab.txt", "[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n##b");
        Assert.Equal([1, 3, 4, 2], folder.Load().Encode("ab").Ids);
        Assert.Equal(-1, folder.Load().SpecialTokens.Pad);
    }

    [Fact]
    public void Load_mutated_files_gives_a_typed_error_or_a_tokenizer_that_works()
    {
        const int Rounds = 60;
        var random = new Random(3);
        var model = File.ReadAllBytes(Path.Combine(RepositoryFiles.DefaultModel, "spiece.model"));
        var vocabulary = File.ReadAllBytes(RepositoryFiles.Golden("wordpiece/vocab.txt"));
        var config = """{"do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true, "model_max_length": 512, "cls_token": "[CLS]", "unk_token": {"content": "[UNK]"}}"""u8.ToArray();
        var (refused, loaded) = (0, 0);
        for (var round = 0; round < 3 * Rounds; round++)
        {
            using var folder = ModelFolder.Empty();
            switch (round % 3)
            {
                case 0:
                    folder.With("spiece.model", Mutate(random, model));
                    break;
                case 1:
                    folder.With("vocab.txt", Mutate(random, vocabulary));
                    break;
                default:
                    folder.With("vocab.txt", vocabulary).With("tokenizer_config.json", Mutate(random, config));
                    break;
            }

            try
            {
                var tokenizer = folder.Load();
                loaded++;
                foreach (var text in new[] { "The quick brown fox, 92000, née ½ 今天 가 \uFDFA", Encoding.Latin1.GetString(config) })
                {
                    var sequence = tokenizer.Encode(text, text);
                    Assert.All(sequence.Ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                    Assert.All(sequence.Offsets, o => Assert.True(o.Start <= o.End && o.End <= text.Length));
                }
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.True(refused > Rounds / 2 && loaded > Rounds / 2, $"{refused} refused, {loaded} loaded");
    }

    private static byte[] Mutate(Random random, byte[] file)
    {
        var mutated = file.ToArray();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(random.Next(2) == 0 ? 7 : 8));
        }

        return random.Next(4) switch
        {
            0 => mutated[..random.Next(mutated.Length)],
            1 => [.. mutated, .. mutated.AsSpan(random.Next(mutated.Length))],
            _ => mutated,
        };
    }
}
