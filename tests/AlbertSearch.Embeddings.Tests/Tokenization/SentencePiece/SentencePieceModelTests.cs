using AlbertSearch.Embeddings.Tokenization.SentencePiece;

namespace AlbertSearch.Embeddings.Tests.Tokenization.SentencePiece;

public class SentencePieceModelTests
{
    public static TheoryData<string, byte[], string> Broken()
    {
        var good = ModelWriter.WithControls;
        return new()
        {
            { "empty", [], "UNKNOWN" },
            { "no unknown piece", new ModelWriter().Piece("a", 0).ToArray(), "UNKNOWN" },
            { "two unknown pieces", good().Piece("u", 0, ModelWriter.Unknown).ToArray(), "1 and 4" },
            { "duplicate piece", good().Piece("[CLS]", 0).ToArray(), "'[CLS]', is also piece 2" },
            { "empty piece", good().Piece("", 0).ToArray(), "piece 4 is empty" },
            { "long piece", good().Piece(new string('a', 513), 0).ToArray(), "512" },
            { "piece that is not UTF-8", good().Piece([0xC3], 0).ToArray(), "not UTF-8" },
            { "NaN", good().Piece("a", float.NaN).ToArray(), "finite" },
            { "infinity", good().Piece("a", float.NegativeInfinity).ToArray(), "finite" },
            { "type 0", good().Piece("a", 0, 0).ToArray(), "type 0" },
            { "type 7", good().Piece("a", 0, 7).ToArray(), "type 7" },
            { "byte piece", good().Piece("<0x00>", 0, 6).ToArray(), "BYTE" },
            { "BPE", good().Trainer(3, 2).ToArray(), "model_type is 2" },
            { "byte fallback", good().Trainer(35, 1).ToArray(), "byte_fallback" },
            { "white space as suffix", good().Trainer(24, 1).ToArray(), "treat_whitespace_as_suffix" },
            { "no dummy prefix", good().Normalizer(3, 0).ToArray(), "add_dummy_prefix" },
            { "spaces kept", good().Normalizer(4, 0).ToArray(), "remove_extra_whitespaces" },
            { "spaces not escaped", good().Normalizer(5, 0).ToArray(), "escape_whitespaces" },
            { "length past the end", [0x0A, 0x05, 1], "claims 5 bytes where 1 are left" },
            { "huge length", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "claims" },
            { "endless number", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "more than ten bytes" },
            { "ends in a number", [0x0A, 0xFF], "ends inside a number" },
            { "field 0", [0x02, 0x00], "field number" },
            { "group", [0x23], "wire type 3" },
            { "wrong wire type", [0x08, 0x00], "wire type 0 instead of 2" },
        };
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Parse_broken_model_says_what_is_wrong(string defect, byte[] file, string message)
    {
        var error = Assert.Throws<ModelFormatException>(() => SentencePieceModel.Parse("spiece.model", file));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), $"{defect}: {error.Message}");
        Assert.StartsWith("spiece.model: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_good_model_reads_pieces_and_skips_unknown_fields()
    {
        var file = ModelWriter.WithControls().Piece("▁a", -1.5f).Varint(100, -1).Bytes(101, [1, 2]).Single(102, 1).Trainer(41, -1).ToArray();
        var model = SentencePieceModel.Parse("spiece.model", file);
        Assert.Equal(["<pad>", "<unk>", "[CLS]", "[SEP]", "▁a"], model.Pieces);
        Assert.Equal(-1.5f, model.Scores[4]);
        Assert.Equal(1, model.UnknownId);
        Assert.Equal(4, model.IdOf("▁a"));
        Assert.Equal(-1, model.IdOf("b"));
    }
}
