using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Tests.Tokenization.SentencePiece;

/// <summary>Small models in which every rule of the segmentation shows.</summary>
public class UnigramLatticeTests
{
    [Fact]
    public void Tokenize_takes_the_best_sum_of_scores() =>
        Assert.Equal("▁ab cd", Pieces(ModelWriter.WithControls().Pieces(-1, "▁ab", "cd").Pieces(-1.5f, "▁a", "bcd").Pieces(-9, "▁", "a", "b", "c", "d"), "abcd"));

    [Fact]
    public void Tokenize_at_a_tie_keeps_the_first_found() =>
        Assert.Equal("▁ a bc", Pieces(ModelWriter.WithControls().Pieces(-1, "▁", "a", "ab", "bc", "c"), "abc"));

    [Fact]
    public void Tokenize_unused_pieces_match_no_text() =>
        Assert.Equal("▁ a b", Pieces(ModelWriter.WithControls().Pieces(-3, "▁", "a", "b").Piece("ab", 0, ModelWriter.Unused), "ab"));

    [Fact]
    public void Tokenize_user_defined_symbols_win_and_are_not_normalized()
    {
        var model = ModelWriter.WithControls().Pieces(-3, "▁", "a", "b", "x").Piece("ab", 0, ModelWriter.UserDefined).CharsMap(ModelWriter.MapOf(("a", "x"), ("abb", "x")));
        Assert.Equal("▁ ab b x", Pieces(model, "abba"));
    }

    [Fact]
    public void Tokenize_unknown_characters_next_to_each_other_are_one_token()
    {
        var tokenizer = Load(ModelWriter.WithControls().Pieces(-3, "▁", "a"));
        var sequence = tokenizer.Encode("axy\U0001F600 za");
        Assert.Equal(["[CLS]", "▁", "a", "<unk>", "▁", "<unk>", "a", "[SEP]"], sequence.Tokens);
        Assert.Equal(new TokenOffset(1, 5), sequence.Offsets[3]);
        Assert.Equal(new TokenOffset(6, 7), sequence.Offsets[5]);
    }

    [Fact]
    public void Tokenize_without_the_space_piece_joins_unknown_characters_across_words() =>
        Assert.Equal("<unk> a <unk> a", Pieces(ModelWriter.WithControls().Pieces(-3, "a"), "a x y a"));

    [Fact]
    public void Tokenize_pieces_that_hold_spaces_reach_across_words() =>
        Assert.Equal("▁a▁b ▁ c", Pieces(ModelWriter.WithControls().Pieces(-3, "▁", "a", "b", "c").Piece("▁a▁b", -1), " a  b c"));

    [Fact]
    public void Tokenize_charsmap_keys_that_hold_spaces_reach_across_words() =>
        Assert.Equal("▁ c ▁ a ▁ a", Pieces(ModelWriter.WithControls().Pieces(-3, "▁", "a", "b", "c").CharsMap(ModelWriter.MapOf(("a b", "c"))), "a  b a\u00A0a"));

    [Fact]
    public void Tokenize_literal_space_symbols_without_a_charsmap_stay_spaces_of_their_own() =>
        Assert.Equal("▁ ▁ ▁ ▁ a", Pieces(ModelWriter.WithControls().Pieces(-3, "▁", "a"), "▁▁ a ▁"));

    [Fact]
    public void Tokenize_final_sigma_of_a_compatibility_letter_follows_the_rule_of_Python()
    {
        // U+1D6BA and U+1D6A8 decompose to capital sigma and alpha; the letters σ and ς are told apart only there.
        var model = ModelWriter.WithControls().Pieces(-3, "▁", "α", "σ", "ς", "·", "Σ");
        Assert.Equal("▁ α ς", Pieces(model, "\U0001D6A8\U0001D6BA"));
        Assert.Equal("▁ σ α ς · ▁ σ", Pieces(model, "\U0001D6BA\U0001D6A8\U0001D6BA\u0387 \U0001D6BA"));
        Assert.Equal("▁ α σ", Pieces(model, "ΑΣ"));
    }

    [Fact]
    public void Tokenize_digits_before_a_comma_are_segmented_again()
    {
        var model = ModelWriter.WithControls().Pieces(-1, "▁a1,", "a1,", "▁12,", "12,").Pieces(-2, "▁a1", "a1", "▁1", ",").Pieces(-5, "▁", "x", "1", "2");
        Assert.Equal("▁a1 ,", Pieces(model, "a1,"));
        Assert.Equal("▁ x a1 ,", Pieces(model, "xa1,"));
        Assert.Equal("▁ x 1 2 ,", Pieces(model, "x12,"));
        Assert.Equal([new(0, 0), new(0, 1), new(1, 2), new(2, 3), new(3, 4)], Load(model).Encode("x12,").Offsets.Skip(1).SkipLast(1));
    }

    [Fact]
    public void Tokenize_digits_whose_piece_exists_only_at_a_word_start_become_unknown()
    {
        // The reference cuts the ▁ from the piece and looks the rest up, without segmenting it once more.
        var model = ModelWriter.WithControls().Pieces(-1, "12,", "▁12").Pieces(-5, "▁", "x", "1", "2", ",");
        Assert.Equal("▁ x <unk> ,", Pieces(model, "x12,"));
    }

    [Fact]
    public void Tokenize_digits_without_a_comma_piece_ends_in_unknown() =>
        Assert.Equal("▁1 <unk>", Pieces(ModelWriter.WithControls().Pieces(-1, "▁1,", "▁1", "▁"), "1,"));

    [Fact]
    public void Tokenize_control_tokens_that_the_model_lists_as_user_defined_stay_text()
    {
        var model = new ModelWriter().Piece("<unk>", 0, ModelWriter.Unknown).Piece("[cls]", 0, ModelWriter.UserDefined).Piece("[sep]", -1).Pieces(-3, "▁", "[", "]", "cls", "sep");
        using var folder = ModelFolder.Empty().With("spiece.model", model.ToArray()).With("tokenizer_config.json", """{"cls_token": "[cls]", "sep_token": "[sep]"}""");
        Assert.Equal(["[cls]", "▁", "[", "cls", "]", "[", "sep", "]", "[sep]"], folder.Load().Encode("[CLS][SEP]").Tokens);
    }

    private static string Pieces(ModelWriter model, string text)
    {
        var pieces = Load(model).Encode(text).Tokens;
        return string.Join(' ', pieces.Skip(1).SkipLast(1));
    }

    private static ITokenizer Load(ModelWriter model)
    {
        using var folder = ModelFolder.Empty().With("spiece.model", model.ToArray());
        return folder.Load();
    }
}
